package io.github.pix2pixzero.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code pix2pix-zero distill}: an edit as a small network that takes milliseconds. */
@Command(
    name = "distill",
    description = "Makes of an edit a small network that does it in milliseconds, and uses it.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {"", "'pix2pix-zero distill COMMAND --help' explains a command and its options."})
final class DistillCommand implements Runnable {
  @Spec private CommandSpec spec;

  private DistillCommand() {}

  /** With its commands. */
  static CommandLine commandLine(CommandProgress progress) {
    return new CommandLine(new DistillCommand())
        .addSubcommand(new DistillCollectCommand(progress))
        .addSubcommand(new DistillTrainCommand(progress))
        .addSubcommand(new DistillEditCommand(progress))
        .addSubcommand(new DistillEvaluateCommand(progress));
  }

  /** By itself it does nothing. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "nothing to do: name a command, such as distill collect");
  }
}
