package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.EditPlan;
import io.github.pix2pixzero.Inversion;
import io.github.pix2pixzero.InversionFile;
import io.github.pix2pixzero.PictureParameters;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
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
      "pix2pix-zero edit INPUT -o OUTPUT --source-sentences FILE --target-sentences FILE"
          + " [OPTION...]",
      "pix2pix-zero edit INPUT -o OUTPUT --source-embedding FILE --target-embedding FILE"
          + " [OPTION...]",
      "pix2pix-zero edit INPUT -o OUTPUT --caption TEXT --target-caption TEXT [OPTION...]",
      "pix2pix-zero edit INPUT... --output-dir DIR --from WORD --to WORD [OPTION...]",
      "pix2pix-zero edit INPUT... --output-dir DIR --direction FILE... --strength X,X..."
          + " [OPTION...]",
      "pix2pix-zero edit --inversion FILE -o OUTPUT --from WORD --to WORD [OPTION...]"
    },
    footerHeading = "%nExamples, which run in the folder of the sources:%n",
    footer = {
      "  ./pix2pix-zero edit toy-world/examples/cat.png -o dog.png --from cat --to dog",
      "  ./pix2pix-zero edit toy-world/examples/cat.png -o hat.png \\",
      "      --caption \"a photo of a cat\" --prompt \"a photo of a cat with a hat\"",
      "  ./pix2pix-zero edit toy-world/examples/cat.png toy-world/examples/bear.png \\",
      "      --output-dir rabbits --from animal --to rabbit --source-size",
      "  ./pix2pix-zero edit toy-world/examples/cat.png --output-dir sweep \\",
      "      --from cat --to dog --strength 0.5,1,2",
      "  ./pix2pix-zero edit toy-world/examples/cat.png -o dog2.png \\",
      "      --caption \"a photo of a cat\" --from cat --to dog --mask-word cat"
    })
final class EditCommand extends ModelCommand {
  @Parameters(paramLabel = "INPUT", arity = "0..*", description = "Pictures to edit.")
  private List<Path> inputs = List.of();

  @Mixin private OutputOptions output;

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
      description =
          "How far the edit goes along its direction; of several, each makes an edit. Not the"
              + " strength of img2img, which is --noise-strength here. Default: 1.")
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

  /** Pictures of inputs that can be read once only. */
  private final Map<Path, BufferedImage> piped = new HashMap<>();

  /** Who has looked at the pictures. */
  private Optional<String> looked = Optional.empty();

  EditCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  int run(Backend backend) throws IOException {
    EditOptions.Builder builder =
        options(
            () -> {
              EditOptions.Builder words = EditOptions.builder().fit(pictures.fit());
              change.addWords(words);
              settings.addTo(words);
              settings.checkMask(this, words.build()); // what does not go together is an error of
              return words; // usage
            });
    EditVariants outputs = variants();
    for (Path input : inputs) { // before the work: a broken one would be found too late
      BufferedImage picture = pictures.read(input);
      if (!Files.isRegularFile(input)) {
        piped.put(input, picture);
      }
    }
    if (output.folder() != null) {
      Results.prepareFolder(output.folder());
    }
    for (Path file : new Path[] {latents, reconstruction}) {
      if (file != null) {
        Results.check(file);
      }
    }
    for (EditVariants.Variant variant : outputs.all()) {
      Results.check(variant.target());
      previews.prepare(variant.name());
    }
    settings.addFiles(builder);
    change.addFiles(builder, endpoints, backend);
    Optional<CaptionOptions.Looker> looker =
        settings.hasCaption() || inversionFile != null
            ? Optional.empty()
            : captions.open(endpoints, backend, progress);
    Map<Path, String> captionOf = looker.isPresent() ? captions(looker.get()) : Map.of();
    looked = looker.map(CaptionOptions.Looker::name);
    Map<Path, EditDirection> read = new HashMap<>();
    for (Path direction : directions) {
      read.put(direction, EditDirection.read(direction, backend));
    }
    Pix2PixZero editor = change.keepingDirections(load(backend));
    Optional<Inversion> inverted =
        inversionFile == null
            ? Optional.empty()
            : Optional.of(InversionFile.read(inversionFile, backend));
    Map<Path, EditOptions> options = new HashMap<>();
    Map<EditVariants.Variant, EditPlan> plans = new HashMap<>();
    for (Path source : outputs.sources()) {
      if (captionOf.containsKey(source)) {
        builder.caption(captionOf.get(source));
      }
      for (EditVariants.Variant variant : outputs.of(source)) {
        builder.strength(variant.strength());
        if (variant.direction() != null) {
          builder.direction(read.get(variant.direction()));
        }
        EditOptions asked = builder.build();
        options.put(source, asked);
        plans.put(
            variant,
            inverted.isPresent() // says what is wrong
                ? editor.plan(inverted.get(), asked, progress)
                : editor.plan(asked, progress));
      }
    }
    int code = 0;
    for (Path source : outputs.sources()) {
      try {
        Inversion start =
            inverted.isPresent() ? inverted.get() : start(editor, source, options.get(source));
        edit(editor, start, outputs.of(source), plans);
      } catch (ArithmeticException | IOException | UncheckedIOException e) {
        if (outputs.sources().size() == 1) {
          throw e;
        }
        progress.close(); // the next may well succeed
        code =
            Failures.execution(
                new IOException(source + ": " + Failures.message(e), e), spec.commandLine());
      }
    }
    return code;
  }

  /** Latents that are to be saved are those of an inversion. */
  private Inversion start(Pix2PixZero editor, Path source, EditOptions options) throws IOException {
    return latents == null
        ? editor.prepare(read(source), options, progress)
        : editor.invert(read(source), options, progress);
  }

  /** What each picture shows; before the model is there, for the memory. */
  private Map<Path, String> captions(CaptionOptions.Looker looker) throws IOException {
    Map<Path, String> captionOf = new HashMap<>();
    for (Path input : inputs) {
      captionOf.put(input, looker.said(input, read(input), Optional.ofNullable(change.from), this));
    }
    return captionOf;
  }

  /** Makes the edits of one picture, which share its inversion. */
  private void edit(
      Pix2PixZero editor,
      Inversion picture,
      List<EditVariants.Variant> variants,
      Map<EditVariants.Variant, EditPlan> plans)
      throws IOException {
    Inversion inversion = picture;
    OptionalDouble scale = plans.get(variants.get(0)).method().nullTextScale();
    if (scale.isPresent() && variants.size() > 1) { // found once for all of them
      inversion = editor.withNullText(inversion, scale.getAsDouble(), progress);
    }
    for (EditVariants.Variant variant : variants) {
      Edit edit =
          editor.edit(inversion, plans.get(variant), previews.listener(progress, variant.name()));
      progress.close();
      EditResult result = new EditResult(edit, sourceSize, latents, reconstruction);
      result.write(variant.target(), parameters(result, variant));
      say(result.summary(variant.target(), editor.backend()));
    }
  }

  private BufferedImage read(Path input) throws IOException {
    BufferedImage picture = piped.get(input);
    return picture == null ? pictures.read(input) : picture;
  }

  private PictureParameters parameters(EditResult result, EditVariants.Variant variant) {
    return result
        .parameters()
        .with("Model", modelName())
        .with("Captioner", looked.orElse(null))
        .with("Edit from", change.from)
        .with("Edit to", change.to)
        .with("Source sentences", name(change.sourceSentences))
        .with("Target sentences", name(change.targetSentences))
        .with("Source embedding", name(change.sourceEmbedding))
        .with("Target embedding", name(change.targetEmbedding))
        .with("Direction", name(variant.direction()))
        .with("Version", Version.line());
  }

  /** Without folders: they tell about who made a picture, not how it was made. */
  private static Path name(Path file) {
    return file == null ? null : file.getFileName();
  }

  // ------------------------------------------------------------------ arguments

  @Override
  void checkUsage() {
    boolean several = directions.size() > 1 || strengths.size() > 1;
    output.checkUsage(this, inputs.size());
    require(!inputs.isEmpty() || inversionFile != null, "Missing required parameter: 'INPUT'");
    require(inputs.isEmpty() || inversionFile == null, "INPUT does not go with --inversion");
    require(
        !several || output.folder() != null,
        "several directions or strengths need --output-dir instead of --output");
    require(!strengths.isEmpty(), "--strength should be a number or several, it is none");
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
        reconstruction == null || PictureFiles.isWritableName(reconstruction),
        "--save-reconstruction should be a .png, .jpg, .bmp or .tiff, it is " + reconstruction);
    require(
        output.folder() == null || (latents == null && reconstruction == null),
        "--save-latents and --save-reconstruction go with --output");
    requireSafetensors("--save-latents", latents);
  }

  @Override
  FilesInUse files(FilesInUse files) {
    files.reads("INPUT", inputs).reads("--inversion", inversionFile);
    files.reads("--direction", directions);
    settings.files(change.files(files));
    String title = output.folder() == null ? "--output" : "a result in --output-dir";
    for (EditVariants.Variant variant : variants().all()) {
      files.writes(title, variant.target());
      previews.files(files, variant.name());
    }
    return files.writes("--save-latents", latents).writes("--save-reconstruction", reconstruction);
  }

  private EditVariants variants() {
    List<Path> sources = inversionFile == null ? inputs : List.of(inversionFile);
    return options(
        () -> EditVariants.of(sources, output.file(), output.folder(), directions, strengths));
  }
}
