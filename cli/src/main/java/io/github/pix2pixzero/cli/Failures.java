package io.github.pix2pixzero.cli;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What went wrong as a sentence on standard error, or one a line, and an exit code. */
final class Failures {
  private static final Pattern LINE_ENDS = Pattern.compile("\\s*\\R\\s*");

  private Failures() {}

  /** Arguments that make no sense. */
  static int usage(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    String meant = "";
    if (e instanceof UnmatchedArgumentException unmatched) {
      String similar = String.join(" or ", Suggestions.of(unmatched));
      meant = similar.isEmpty() ? "" : "; did you mean " + similar + "?";
    }
    print(
        line,
        e.getMessage() + meant + "; see " + line.getCommandSpec().qualifiedName() + " --help");
    return CommandLine.ExitCode.USAGE;
  }

  /** Everything else. */
  static int execution(Throwable e, CommandLine line) {
    if (line.getCommand() instanceof ComputingCommand command && command.verbose()) {
      line.getErr().print(Throwables.getStackTraceAsString(e));
    }
    print(line, message(e));
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** What is on further lines, as of several faults, stands below and further in. */
  private static void print(CommandLine line, String message) {
    String below = System.lineSeparator() + "  ";
    line.getErr()
        .println(
            "pix2pix-zero: "
                + LINE_ENDS.matcher(message.strip()).replaceAll(Matcher.quoteReplacement(below)));
  }

  /** Why the file system refuses something, for a message that names the file itself. */
  static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "no permission";
    }
    if (e instanceof NoSuchFileException) {
      return "no file can be made there";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null ? message(e) : reason;
  }

  /** A sentence for people, where the exception's own message is none. */
  static String message(Throwable e) {
    if (Throwables.getRootCause(e) instanceof OutOfMemoryError) {
      long mebibytes = Runtime.getRuntime().maxMemory() >> 20;
      return "out of memory; Java has %s MiB, more comes with JAVA_OPTS=-Xmx%sg or the like"
          .formatted(mebibytes, Math.max(12, (mebibytes * 3 / 2) >> 10));
    }
    if (e instanceof UncheckedIOException) {
      return message(e.getCause());
    }
    if (e instanceof NoSuchFileException missing) {
      return "no such file: " + missing.getFile();
    }
    if (e instanceof AccessDeniedException denied) {
      return "no permission for " + denied.getFile();
    }
    boolean expected =
        e instanceof IOException
            || e instanceof IllegalArgumentException
            || e instanceof ArithmeticException;
    if (expected && e.getMessage() != null) {
      boolean nameAlone = e instanceof FileSystemException f && f.getReason() == null;
      return nameAlone ? "cannot access " + e.getMessage() : e.getMessage();
    }
    return "unexpected %s; --verbose shows where".formatted(e);
  }
}
