package io.github.pix2pixzero.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line in a process of its own, as it is typed. */
final class CommandProcess {
  private CommandProcess() {}

  /** What makes an edit short, where it does not matter what comes out. */
  static final String QUICK =
      " --steps 1 --regularization none --guidance-amount 0 --no-hold-background";

  /**
   * Runs a command.
   *
   * @param command words between single spaces
   * @param folder that it is run in
   * @param environment variables beside those of this process
   */
  static CommandLineRun run(String command, Path folder, Map<String, String> environment)
      throws IOException, InterruptedException {
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder =
        builder(List.of(), command).directory(folder.toFile()).redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new CommandLineRun(process.waitFor(), out, Files.readString(err));
  }

  /**
   * A command that is still to be started.
   *
   * @param options of the virtual machine
   * @param command words between single spaces
   */
  static ProcessBuilder builder(List<String> options, String command) {
    List<String> words =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Djava.awt.headless=true"));
    words.addAll(options);
    words.add(Main.class.getName());
    words.addAll(List.of(command.split(" ")));
    return new ProcessBuilder(words);
  }
}
