package io.github.pix2pixzero.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code pix2pix-zero}. */
@Command(
    name = "pix2pix-zero",
    description = "Edits pictures with a pre-trained diffusion model.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "'pix2pix-zero COMMAND --help' explains a command and its options.",
      "Completion in bash and zsh: source <(pix2pix-zero generate-completion)"
    })
public final class Main implements Runnable {
  /** Set by the script that starts this: whether standard error is a terminal. */
  private static final String TERMINAL = "pix2pixzero.terminal";

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs the command line and ends the JVM with its exit code. */
  @SuppressWarnings({"DefaultCharset", "SystemOut"}) // a command prints what its terminal can show
  public static void main(String[] args) {
    configureLog();
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // for picocli and the progress bar
    Results.finishBeforeExit();
    PrintWriter out = new PrintWriter(System.out, true);
    PrintWriter err = new PrintWriter(System.err, true);
    CommandProgress progress =
        Boolean.getBoolean(TERMINAL) ? new ProgressBars(err) : new ProgressLines(err);
    System.exit(run(args, out, err, progress));
  }

  /** Runs the command line as where standard error is no terminal. */
  static int run(String[] args, PrintWriter out, PrintWriter err) {
    return run(args, out, err, new ProgressLines(err));
  }

  private static int run(
      String[] args, PrintWriter out, PrintWriter err, CommandProgress progress) {
    CommandLine line = Choices.register(commandLine(progress));
    line.setOut(out)
        .setErr(err)
        .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(Failures::usage)
        .setExecutionExceptionHandler((e, command, arguments) -> Failures.execution(e, command));
    try {
      int code = line.execute(args);
      if (out.checkError() && code == 0) { // a full disk, or who was to read it is gone
        throw new IOException("cannot write to standard output");
      }
      return code;
    } catch (IOException e) {
      return Failures.execution(e, line);
    } catch (Error e) { // such as a lack of memory; picocli hands on exceptions only
      return Failures.execution(e, line);
    }
  }

  /** All commands there are, with their options. */
  static CommandLine commandLine(CommandProgress progress) {
    return new CommandLine(new Main())
        .addSubcommand(new EditCommand(progress))
        .addSubcommand(new InvertCommand(progress))
        .addSubcommand(new DirectionCommand(progress))
        .addSubcommand(new GenerateCommand(progress))
        .addSubcommand(new AttentionCommand(progress))
        .addSubcommand(new ServeCommand(progress))
        .addSubcommand(new PullCommand(progress))
        .addSubcommand(new MeasureCommand(progress))
        .addSubcommand(new EvaluateCommand(progress))
        .addSubcommand(new CaptionCommand(progress))
        .addSubcommand(DistillCommand.commandLine(progress))
        .addSubcommand(new InfoCommand())
        .addSubcommand(new GenerateCompletion());
  }

  /** A command by itself does nothing. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "nothing to do: name a command, such as edit");
  }

  /** Warnings alone, and no more than their text. What the user has set stays. */
  private static void configureLog() {
    setDefault("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    setDefault("org.slf4j.simpleLogger.showThreadName", "false");
    setDefault("org.slf4j.simpleLogger.showLogName", "false");
    setDefault("org.slf4j.simpleLogger.warnLevelString", "pix2pix-zero: warning:");
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
