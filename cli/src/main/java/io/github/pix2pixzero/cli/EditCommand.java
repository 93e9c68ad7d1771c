package io.github.pix2pixzero.cli;

import com.google.common.collect.Iterables;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.InversionFile;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ReferenceMode;
import io.github.pix2pixzero.caption.Captioner;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pix2pix-zero edit}: pictures in, pictures out. */
@Command(
    name = "edit",
    description = "Changes what pictures show and keeps the rest of them as it is.",
    customSynopsis = {
      "pix2pix-zero edit INPUT -o OUTPUT --from WORD --to WORD [OPTION...]",
      "pix2pix-zero edit INPUT -o OUTPUT --direction FILE [OPTION...]",
      "pix2pix-zero edit INPUT -o OUTPUT --source-sentences FILE --target-sentences FILE [OPTION...]",
      "pix2pix-zero edit INPUT -o OUTPUT --source-embedding FILE --target-embedding FILE [OPTION...]",
      "pix2pix-zero edit INPUT -o OUTPUT --caption TEXT --target-caption TEXT [OPTION...]",
      "pix2pix-zero edit INPUT... --output-dir DIR --from WORD --to WORD [OPTION...]",
      "pix2pix-zero edit INPUT... --output-dir DIR --direction FILE... --strength X,X... [OPTION...]",
      "pix2pix-zero edit --inversion FILE -o OUTPUT --from WORD --to WORD [OPTION...]"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  pix2pix-zero edit cat.jpg -o dog.png --from cat --to dog",
      "  pix2pix-zero edit a.jpg b.webp --output-dir dogs --from cat --to dog --source-size",
      "  pix2pix-zero edit cat.jpg -o dog.png --direction cat2dog.safetensors"
          + " --caption \"a cat on a sofa\"",
      "  pix2pix-zero edit a.jpg --output-dir d --from cat --to dog --strength 0.5,1,2",
      "  pix2pix-zero edit cat.jpg -o dog.png --from cat --to dog --mask where.png"
    })
final class EditCommand extends ModelCommand {
  @Parameters(paramLabel = "INPUT", arity = "0..*", description = "Pictures to edit.")
  private List<Path> inputs = List.of();

  @Option(
      names = {"-o", "--output"},
      order = 1,
      paramLabel = "OUTPUT",
      description = "Picture to write, a .png, .jpg, .bmp or .tiff.")
  private Path output;

  @Option(
      names = "--output-dir",
      order = 2,
      paramLabel = "DIR",
      description = "Instead: folder to write into, a .png for each INPUT, direction and strength.")
  private Path outputFolder;

  @Option(
      names = "--inversion",
      order = 3,
      paramLabel = "FILE",
      description = "Instead of INPUT: what 'invert' or 'generate' has saved.")
  private Path inversionFile;

  @Mixin private ChangeOptions change;

  @Option(
      names = "--direction",
      order = 12,
      paramLabel = "FILE",
      description =
          "Instead of words: a direction file (.safetensors or .pt). Of several each makes an edit;"
              + " they share the inversion.")
  private List<Path> directions = List.of();

  @Option(
      names = "--strength",
      order = 12,
      split = ",",
      paramLabel = "X",
      description = "How far the edit goes; of several, each makes an edit. Default: 1.")
  private List<Double> strengths = List.of(1.0);

  @Mixin private SettingOptions settings;

  @Mixin private CaptionOptions captions;

  @Mixin private EndpointOptions endpoints;

  @Mixin private PictureOptions pictures;

  @Option(
      names = "--source-size",
      order = 52,
      description = "Write at the size of INPUT, not at that which the model works at.")
  private boolean sourceSize;

  @Mixin private PreviewOptions previews;

  @Option(
      names = "--save-latents",
      order = 70,
      paramLabel = "FILE",
      description = "Also write the latents 'inverted' and 'edited' (safetensors).")
  private Path latents;

  @Option(
      names = "--save-reconstruction",
      order = 71,
      paramLabel = "FILE",
      description = "Also write the picture that comes out without the edit.")
  private Path reconstruction;

  EditCommand(Progress progress) {
    super(progress);
  }

  /** A picture to write, and how it differs from the others of one inversion. */
  private record Variant(Path target, Path direction, double strength) {}

  @Override
  int run(Backend backend) throws IOException {
    EditOptions.Builder builder =
        options(
            () -> {
              EditOptions.Builder words = settings.builder().fit(pictures.fit());
              change.addWords(words);
              settings.addTo(words);
              words.build(); // what does not go together is an error of usage
              return words;
            });
    Map<Path, List<Variant>> outputs = outputs();
    for (Path input : outputs.keySet()) { // before the work: a broken one would be found too late
      if (inversionFile == null) {
        BufferedImage unused = pictures.read(input);
        unused.flush();
      }
    }
    for (Path file : new Path[] {output, latents, reconstruction}) {
      if (file != null) {
        Results.check(file);
      }
    }
    if (outputFolder != null) {
      Results.prepareFolder(outputFolder);
    }
    previews.prepare();
    settings.addFiles(builder);
    change.addFiles(builder, endpoints, backend);
    Map<Path, String> captionOf = captions(backend);
    Map<Path, EditDirection> read = new HashMap<>();
    for (Path direction : directions) {
      read.put(direction, EditDirection.read(direction, backend));
    }
    Pix2PixZero editor = load(backend).keepingDirections(change.cacheFolder());
    Map<Variant, EditOptions> options = new HashMap<>();
    for (Variant variant : Iterables.concat(outputs.values())) {
      builder.strength(variant.strength());
      if (variant.direction() != null) {
        builder.direction(read.get(variant.direction()));
      }
      options.put(variant, builder.build());
      editor.prepare(options.get(variant));
    }
    int code = 0;
    for (Map.Entry<Path, List<Variant>> entry : outputs.entrySet()) {
      try {
        EditOptions shared = options.get(entry.getValue().get(0));
        if (captionOf.containsKey(entry.getKey())) {
          shared = builder.caption(captionOf.get(entry.getKey())).build();
        }
        edit(editor, entry.getKey(), shared, entry.getValue(), options);
      } catch (ArithmeticException e) { // of this picture; the next may well succeed
        if (outputs.size() == 1) {
          throw e;
        }
        progress.close();
        code =
            Failures.execution(
                new ArithmeticException(entry.getKey() + ": " + e.getMessage()),
                spec.commandLine());
      }
    }
    return code;
  }

  /** What each picture shows, if somebody is to say; before the model is there, for the memory. */
  private Map<Path, String> captions(Backend backend) throws IOException {
    Map<Path, String> captionOf = new HashMap<>();
    if (captions.isWanted()) {
      Captioner captioner = captions.open(endpoints, backend);
      for (Path input : inputs) {
        Optional<String> word = Optional.ofNullable(change.from);
        captionOf.put(
            input, CaptionOptions.said(captioner, input, pictures.read(input), word, this));
      }
    }
    return captionOf;
  }

  /** Makes the edits of one picture, which share its inversion, of which they have the caption. */
  private void edit(
      Pix2PixZero editor,
      Path input,
      EditOptions inverted,
      List<Variant> variants,
      Map<Variant, EditOptions> options)
      throws IOException {
    Inversion inversion =
        inversionFile == null
            ? editor.invert(pictures.read(input), inverted, progress)
            : InversionFile.read(inversionFile, editor.backend());
    for (Variant variant : variants) {
      String name = MoreFiles.getNameWithoutExtension(variant.target());
      Edit edit = editor.edit(inversion, options.get(variant), previews.listener(progress, name));
      progress.close();
      write(edit, options.get(variant), variant);
      say(summary(edit, variant.target(), editor.backend()));
    }
  }

  // ------------------------------------------------------------------ arguments

  @Override
  void checkUsage() {
    boolean several = directions.size() > 1 || strengths.size() > 1;
    require(output != null || outputFolder != null, "Missing required option: '--output=OUTPUT'");
    require(!inputs.isEmpty() || inversionFile != null, "Missing required parameter: 'INPUT'");
    require(inputs.isEmpty() || inversionFile == null, "INPUT does not go with --inversion");
    require(output == null || outputFolder == null, "--output does not go with --output-dir");
    require(
        inputs.size() <= 1 || outputFolder != null,
        "several pictures need --output-dir instead of --output");
    require(
        !several || outputFolder != null,
        "several directions or strengths need --output-dir instead of --output");
    strengths.forEach(
        strength ->
            require(Double.isFinite(strength), "--strength should be a number, it is " + strength));
    require(
        change.isGiven() || !directions.isEmpty() || settings.hasTargetCaption(),
        "say what to change: --from and --to, or --direction, or --source-sentences and"
            + " --target-sentences, or --source-embedding and --target-embedding, or"
            + " --target-caption");
    require(
        directions.isEmpty() || !change.isGiven(),
        "--direction does not go with words, sentences or embeddings");
    require(
        directions.isEmpty() || !settings.hasTargetCaption(),
        "--direction does not go with --target-caption");
    change.checkUsage(this);
    settings.checkUsage(this);
    captions.checkUsage();
    endpoints.checkUsage(change.asksLanguageModel() || captions.isEndpoint());
    require(
        !captions.isWanted() || (!settings.hasCaption() && inversionFile == null),
        "--captioner does not go with --caption or --inversion, which say what is shown");
    pictures.checkUsage(this);
    previews.checkUsage(this);
    require(
        output == null || PictureFiles.isWritableName(output),
        "OUTPUT should be a .png, .jpg, .bmp or .tiff, it is " + output);
    require(
        reconstruction == null || PictureFiles.isWritableName(reconstruction),
        "--save-reconstruction should be a .png, .jpg, .bmp or .tiff, it is " + reconstruction);
    require(
        outputFolder == null || (latents == null && reconstruction == null),
        "--save-latents and --save-reconstruction go with --output");
    require(!same(output, latents), "--output and --save-latents are the same file");
    require(!same(output, reconstruction), "--output and --save-reconstruction are the same file");
  }

  private static boolean same(Path one, Path other) {
    return one != null
        && other != null
        && one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
  }

  /** Every input, or the file of the inversion, with what is to be written. */
  private Map<Path, List<Variant>> outputs() {
    List<Path> sources = inversionFile == null ? inputs : List.of(inversionFile);
    Map<Path, List<Variant>> outputs = new LinkedHashMap<>();
    Map<Path, Path> inputOf = new HashMap<>();
    for (Path source : sources) {
      List<Variant> variants = variants(MoreFiles.getNameWithoutExtension(source));
      for (Variant variant : variants) {
        Path target = variant.target();
        Path other = inputOf.put(target, source);
        require(other == null, "%s and %s would both become %s".formatted(other, source, target));
        require(
            outputFolder == null || !same(source, target),
            source + " would be overwritten; choose another --output-dir");
      }
      outputs.put(source, variants);
    }
    return outputs;
  }

  /** Every direction in every strength; names say of what there are several. */
  private List<Variant> variants(String name) {
    List<Variant> variants = new ArrayList<>();
    for (Path direction :
        directions.isEmpty() ? Collections.<Path>singletonList(null) : directions) {
      for (double strength : strengths) {
        String full =
            name
                + (directions.size() > 1 ? "-" + MoreFiles.getNameWithoutExtension(direction) : "")
                + (strengths.size() > 1 ? "-strength-" + strength : "");
        Path target = outputFolder == null ? output : outputFolder.resolve(full + ".png");
        variants.add(new Variant(target, direction, strength));
      }
    }
    return variants;
  }

  // ------------------------------------------------------------------ results

  private void write(Edit edit, EditOptions options, Variant variant) throws IOException {
    Path target = variant.target();
    BufferedImage image = sourceSize ? edit.imageAtSourceSize() : edit.image();
    BufferedImage rebuilt = reconstruction == null ? null : edit.reconstruction();
    Results.write(
        target,
        () -> {
          if (latents != null) {
            SafetensorsWriter writer = new SafetensorsWriter();
            add(writer, "inverted", edit.inversion().inverted());
            add(writer, "edited", edit.edited());
            writer.write(latents);
          }
          if (rebuilt != null) {
            PictureFiles.write(rebuilt, reconstruction);
          }
          PictureFiles.write(image, target, parameters(edit, options, variant, image).texts());
        });
  }

  private MadeBy parameters(Edit edit, EditOptions options, Variant variant, BufferedImage image) {
    boolean beside = options.reference() == ReferenceMode.TRAJECTORY;
    return new MadeBy(edit.caption(), edit.negativePrompt())
        .add("Steps", edit.steps())
        .add("Sampler", "DDIM")
        .add("CFG scale", options.guidanceScale())
        .add("Seed", edit.seed())
        .add("Size", size(image))
        .add("Model", modelName())
        .add("Captioner", captions.name())
        .add("Edit from", change.from)
        .add("Edit to", change.to)
        .add("Source sentences", name(change.sourceSentences))
        .add("Target sentences", name(change.targetSentences))
        .add("Source embedding", name(change.sourceEmbedding))
        .add("Target embedding", name(change.targetEmbedding))
        .add("Direction", name(variant.direction()))
        .add("Target caption", edit.followedCaption().orElse(null))
        .add("Strength", options.strength() == 1 ? null : options.strength())
        .add("Reference", lowerCase(options.reference()))
        .add("Contrast", beside ? options.contrast() : null)
        .add("Hold background", beside ? options.holdBackground() : null)
        .add("Make room", beside ? options.makeRoom() : null)
        .add("Guidance amount", edit.guidanceAmount())
        .add("Gradient", beside ? null : lowerCase(options.gradientMode()))
        .add("Version", Version.line());
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** Without folders: they tell about who made a picture, not how it was made. */
  private static Path name(Path file) {
    return file == null ? null : file.getFileName();
  }

  private static void add(SafetensorsWriter writer, String name, Tensor latent) {
    long[] shape = Arrays.stream(latent.shape().toArray()).asLongStream().toArray();
    writer.add(name, shape, latent.toFloats());
  }

  private String summary(Edit edit, Path target, Backend backend) {
    String worked = size(edit.image());
    String given = edit.source().map(fitted -> size(fitted.source())).orElse(worked);
    String sizes =
        worked.equals(given)
            ? worked
            : sourceSize ? given + " (worked at " + worked + ")" : worked + " (from " + given + ")";
    return "wrote %s%s%s, %s, %d steps, inversion %s, edit %s, backend %s, peak %d MiB of tensors"
        .formatted(
            target,
            latents == null ? "" : " and " + latents,
            reconstruction == null ? "" : " and " + reconstruction,
            sizes,
            edit.steps(),
            seconds(edit.inversion().time()),
            seconds(edit.time()),
            backend,
            edit.peakMemory() >> 20);
  }

  static String size(BufferedImage picture) {
    return picture.getWidth() + "x" + picture.getHeight();
  }

  static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
  }
}
