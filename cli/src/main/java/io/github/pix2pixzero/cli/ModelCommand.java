package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands that run a model have in common. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all is written",
      "1:something went wrong; one line on standard error says what",
      "2:the arguments make no sense",
      "130:interrupted by Ctrl-C; every file is whole, or as it was before"
    })
abstract class ModelCommand implements Callable<Integer> {
  private static final int MAX_THREADS = 1024;

  final CommandProgress progress;

  @Spec CommandSpec spec;

  @Option(
      names = "--model",
      order = 100,
      paramLabel = "PATH|NAME",
      description =
          "Checkpoint: a folder in the layout of diffusers, a .safetensors or .ckpt file, or"
              + " ORG/NAME or ORG/NAME@REVISION on huggingface.co, which is downloaded once."
              + " Default: the bundled toy model.")
  String model;

  @Mixin private CheckpointOptions checkpoint;

  @Option(
      names = "--prompt-weights",
      order = 104,
      description =
          "Read (word), [word] and (word:1.3) in captions, prompts and sentences as weights of"
              + " words, as A1111's webui does.")
  private boolean promptWeights;

  @Option(
      names = "--threads",
      order = 110,
      paramLabel = "N",
      description = "Threads to compute on. Default: one a core.")
  private Integer threads;

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Option(
      names = {"-v", "--verbose"},
      order = 111,
      description = "Show where an error comes from.")
  private boolean verbose;

  ModelCommand(CommandProgress progress) {
    this.progress = progress;
  }

  boolean verbose() {
    return verbose;
  }

  @Override
  public final Integer call() throws IOException {
    require(
        threads == null || (threads >= 1 && threads <= MAX_THREADS),
        "--threads should be 1 to " + MAX_THREADS + ", it is " + threads);
    require(
        model != null || checkpoint.isEmpty(),
        "--timestep-spacing, --vae, --lora, --embedding, --prediction-type, --config and --variant"
            + " go with --model");
    checkUsage();
    options(() -> files(checkpoint.files(new FilesInUse().reads("--model", modelFile()))));
    try (progress) {
      return run(device.backend(threads));
    }
  }

  /** Refuses arguments that make no sense together. */
  abstract void checkUsage();

  /** Names what is read, then what is written. */
  abstract FilesInUse files(FilesInUse files);

  /** Does the work and returns the exit code. */
  abstract int run(Backend backend) throws IOException;

  final Pix2PixZero load(Backend backend) throws IOException {
    Pix2PixZero loaded =
        model == null
            ? Pix2PixZero.loadBundled(backend)
            : Pix2PixZero.load(model, backend, checkpoint.toLoadOptions(), progress);
    return promptWeights ? loaded.readingWeights() : loaded;
  }

  final void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  /** What options say, an error in them being one of usage. */
  final <T> T options(Supplier<T> builder) {
    try {
      return builder.get();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  /** Prints a line to standard output. */
  final void say(String message) {
    spec.commandLine().getOut().println(message);
  }

  /** Where the model lies; null if it is the bundled one or one of the hub. */
  private Path modelFile() {
    return model == null || Files.notExists(Path.of(model)) ? null : Path.of(model);
  }

  final String modelName() {
    if (model == null) {
      return "toy-world";
    }
    Path path = Path.of(model);
    return Files.exists(path) ? String.valueOf(path.toAbsolutePath().getFileName()) : model;
  }
}
