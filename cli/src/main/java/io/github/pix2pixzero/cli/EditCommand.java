package io.github.pix2pixzero.cli;

import com.google.common.io.MoreFiles;
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
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    for (Path input : outputs.sources()) { // before the work: a broken one would be found too late
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
    change.addFiles(builder, backend);
    Map<Path, EditDirection> read = new HashMap<>();
    for (Path direction : directions) {
      read.put(direction, EditDirection.read(direction, backend));
    }
    Pix2PixZero editor = load(backend).keepingDirections(change.cacheFolder());
    Map<EditVariants.Variant, EditOptions> options = new HashMap<>();
    for (EditVariants.Variant variant : outputs.all()) {
      builder.strength(variant.strength());
      if (variant.direction() != null) {
        builder.direction(read.get(variant.direction()));
      }
      options.put(variant, builder.build());
      if (inversionFile == null) {
        EditPlan unused = editor.plan(options.get(variant), progress); // says what is wrong
      }
    }
    int code = 0;
    for (Path source : outputs.sources()) {
      try {
        edit(editor, source, outputs.of(source), options);
      } catch (ArithmeticException e) { // of this picture; the next may well succeed
        if (outputs.sources().size() == 1) {
          throw e;
        }
        progress.close();
        code =
            Failures.execution(
                new ArithmeticException(source + ": " + e.getMessage()), spec.commandLine());
      }
    }
    return code;
  }

  /** Makes the edits of one picture, which share its inversion. */
  private void edit(
      Pix2PixZero editor,
      Path source,
      List<EditVariants.Variant> variants,
      Map<EditVariants.Variant, EditOptions> options)
      throws IOException {
    Inversion inversion =
        inversionFile == null
            ? editor.invert(pictures.read(source), options.get(variants.get(0)), progress)
            : InversionFile.read(inversionFile, editor.backend());
    for (EditVariants.Variant variant : variants) {
      String name = MoreFiles.getNameWithoutExtension(variant.target());
      Edit edit = editor.edit(inversion, options.get(variant), previews.listener(progress, name));
      progress.close();
      EditResult result = new EditResult(edit, sourceSize, latents, reconstruction);
      result.write(variant.target(), parameters(result, variant));
      say(result.summary(variant.target(), editor.backend()));
    }
  }

  private PictureParameters parameters(EditResult result, EditVariants.Variant variant) {
    return result
        .parameters()
        .with("Model", modelName())
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
    require(!EditVariants.same(output, latents), "--output and --save-latents are the same file");
    require(
        !EditVariants.same(output, reconstruction),
        "--output and --save-reconstruction are the same file");
  }

  private EditVariants variants() {
    List<Path> sources = inversionFile == null ? inputs : List.of(inversionFile);
    return options(() -> EditVariants.of(sources, output, outputFolder, directions, strengths));
  }
}
