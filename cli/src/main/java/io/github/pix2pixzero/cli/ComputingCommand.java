package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands that compute have in common. */
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
abstract class ComputingCommand implements Callable<Integer> {
  private static final int MAX_THREADS = 1024;

  final CommandProgress progress;

  @Spec CommandSpec spec;

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

  ComputingCommand(CommandProgress progress) {
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
    checkModel();
    checkUsage();
    options(() -> files(modelFiles(new FilesInUse())));
    try (progress) {
      return run(device.backend(threads));
    }
  }

  /** Refuses what makes no sense together of the options of those that run a model. */
  void checkModel() {}

  /** Names what is read of a model, of those that run one. */
  FilesInUse modelFiles(FilesInUse files) {
    return files;
  }

  /** Refuses arguments that make no sense together. */
  abstract void checkUsage();

  /** Names what is read, then what is written. */
  abstract FilesInUse files(FilesInUse files);

  /** Does the work and returns the exit code. */
  abstract int run(Backend backend) throws IOException;

  final void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }

  /** Refuses a name that says something else of a file of tensors, such as a picture's. */
  final void requireSafetensors(String option, Path file) {
    require(
        file == null || FileReports.isNamedSafetensors(file),
        option + " should be a .safetensors file, it is " + file);
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
}
