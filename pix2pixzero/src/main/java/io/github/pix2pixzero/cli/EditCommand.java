package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener.Stage;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code pix2pix-zero edit}: one picture in, one picture out. */
@Command(
    name = "edit",
    description = "Changes what a picture shows and keeps the rest of it as it is.",
    customSynopsis = {
      "pix2pix-zero edit INPUT -o OUTPUT --from WORD --to WORD [OPTION...]",
      "pix2pix-zero edit INPUT -o OUTPUT --direction FILE [OPTION...]",
      "pix2pix-zero edit INPUT -o OUTPUT --source-sentences FILE --target-sentences FILE [OPTION...]"
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true)
final class EditCommand implements Callable<Integer> {
  private static final int MAX_THREADS = 1024;

  private final Progress progress;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "INPUT", description = "Picture to edit.")
  private Path input;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "OUTPUT",
      description = "Picture to write, a .png, .jpg, .bmp or .tiff.")
  private Path output;

  @Option(
      names = "--from",
      paramLabel = "WORD",
      description = "What to change, such as cat; goes with --to.")
  private String from;

  @Option(names = "--to", paramLabel = "WORD", description = "What to make of it, such as dog.")
  private String to;

  @Option(
      names = "--direction",
      paramLabel = "FILE",
      description = "Instead of words: a direction file (safetensors).")
  private Path direction;

  @Option(
      names = "--source-sentences",
      paramLabel = "FILE",
      description = "Instead of words: sentences about what to change, one a line;")
  private Path sourceSentences;

  @Option(
      names = "--target-sentences",
      paramLabel = "FILE",
      description = "and sentences about what to make of it.")
  private Path targetSentences;

  @Option(
      names = "--caption",
      paramLabel = "TEXT",
      description = "What the picture shows. Default: a photo of the --from word, else empty.")
  private String caption;

  @Option(
      names = "--target-caption",
      paramLabel = "TEXT",
      description = "What it should show. Default: the caption with the word replaced.")
  private String targetCaption;

  @Option(
      names = "--published",
      description = "Start from the options of the published code, not from the better ones.")
  private boolean published;

  @Option(
      names = "--negative-prompt",
      paramLabel = "TEXT",
      description = "What to lead away from. Default: nothing; if --published, the caption.")
  private String negativePrompt;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Checkpoint in the folder layout of diffusers. Default: the bundled toy model.")
  private Path model;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps of the inversion, and of the edit. Default: 50.")
  private Integer steps;

  @Option(
      names = "--guidance-amount",
      paramLabel = "X",
      description =
          "How strongly the structure is kept; 0: not at all. Default: 7; if --published, 0.1.")
  private Double guidanceAmount;

  @Option(
      names = "--guidance-scale",
      paramLabel = "X",
      description =
          "How strongly the new text is followed; 1: plainly. Default: 3; if --published, 5.")
  private Double guidanceScale;

  @Option(
      names = "--gradient",
      paramLabel = "full|reference",
      description = "Gradient that keeps the structure, if --published. Default: reference.")
  private GradientMode gradient;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Start of the random numbers. Default: 0.")
  private Long seed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute on. Default: one a core.")
  private Integer threads;

  @Option(
      names = "--save-latents",
      paramLabel = "FILE",
      description = "Also write the latents 'inverted' and 'edited' (safetensors).")
  private Path latents;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show where an error comes from.")
  private boolean verbose;

  EditCommand(Progress progress) {
    this.progress = progress;
  }

  boolean verbose() {
    return verbose;
  }

  @Override
  public Integer call() throws IOException {
    checkUsage();
    EditOptions.Builder options = settings();
    Results.check(output);
    if (latents != null) {
      Results.check(latents);
    }
    BufferedImage picture = PictureFiles.read(input);
    Backend backend = threads == null ? Backends.best() : Backends.best(threads);
    if (direction != null) {
      options.direction(EditDirection.read(direction, backend));
    } else if (sourceSentences != null) {
      options.sentences(SentenceBank.read(sourceSentences), SentenceBank.read(targetSentences));
    }
    Pix2PixZero editor =
        model == null ? Pix2PixZero.loadBundled(backend) : Pix2PixZero.load(model, backend);
    Edit edit = edit(editor, picture, options.build());
    Results.write(() -> write(edit));
    spec.commandLine().getOut().println(summary(edit, picture, backend));
    return 0;
  }

  private Edit edit(Pix2PixZero editor, BufferedImage picture, EditOptions options) {
    try (progress) {
      progress.begin(Stage.INVERT, options.steps());
      return editor.edit(picture, options, progress);
    }
  }

  // ------------------------------------------------------------------ arguments

  private void checkUsage() {
    boolean words = from != null || to != null;
    boolean sentences = sourceSentences != null || targetSentences != null;
    require(
        words || sentences || direction != null,
        "say what to change: --from and --to, or --direction, or --source-sentences and"
            + " --target-sentences");
    require(!(words && direction != null), "--from and --to do not go with --direction");
    require(!(sentences && direction != null), "sentences do not go with --direction");
    require(!(words && sentences), "--from and --to do not go with sentences");
    require(gradient == null || published, "--gradient goes with --published");
    require(!words || from != null, "--to needs --from");
    require(!words || to != null, "--from needs --to");
    require(!sentences || sourceSentences != null, "--target-sentences needs --source-sentences");
    require(!sentences || targetSentences != null, "--source-sentences needs --target-sentences");
    require(
        threads == null || (threads >= 1 && threads <= MAX_THREADS),
        "--threads should be 1 to " + MAX_THREADS + ", it is " + threads);
    require(
        PictureFiles.isWritableName(output),
        "OUTPUT should be a .png, .jpg, .bmp or .tiff, it is " + output);
    require(
        latents == null || !latents.toAbsolutePath().equals(output.toAbsolutePath()),
        "--output and --save-latents are the same file");
  }

  /** All options but those that are in files. */
  private EditOptions.Builder settings() {
    EditOptions.Builder options = published ? EditOptions.published() : EditOptions.builder();
    try {
      if (from != null) {
        options.from(from).to(to);
      }
      if (caption != null) {
        options.caption(caption);
      }
      if (targetCaption != null) {
        options.targetCaption(targetCaption);
      }
      if (negativePrompt != null) {
        options.negativePrompt(negativePrompt);
      }
      if (steps != null) {
        options.steps(steps);
      }
      if (guidanceAmount != null) {
        options.guidanceAmount(guidanceAmount);
      }
      if (guidanceScale != null) {
        options.guidanceScale(guidanceScale);
      }
      if (gradient != null) {
        options.gradientMode(gradient);
      }
      if (seed != null) {
        options.seed(seed);
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return options;
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  // ------------------------------------------------------------------ results

  private void write(Edit edit) throws IOException {
    if (latents != null) {
      SafetensorsWriter writer = new SafetensorsWriter();
      add(writer, "inverted", edit.inversion().inverted());
      add(writer, "edited", edit.edited());
      writer.write(latents);
    }
    PictureFiles.write(edit.image(), output);
  }

  private static void add(SafetensorsWriter writer, String name, Tensor latent) {
    long[] shape = Arrays.stream(latent.shape().toArray()).asLongStream().toArray();
    writer.add(name, shape, latent.toFloats());
  }

  private String summary(Edit edit, BufferedImage picture, Backend backend) {
    String fitted = size(edit.image());
    String given = size(picture);
    return "wrote %s%s, %s%s, %d steps, inversion %s, edit %s, backend %s, peak %d MiB of tensors"
        .formatted(
            output,
            latents == null ? "" : " and " + latents,
            fitted,
            fitted.equals(given) ? "" : " (from " + given + ")",
            edit.inversion().steps(),
            seconds(edit.inversion().time()),
            seconds(edit.time()),
            backend,
            backend.memory().peak() >> 20);
  }

  private static String size(BufferedImage picture) {
    return picture.getWidth() + "x" + picture.getHeight();
  }

  private static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
  }
}
