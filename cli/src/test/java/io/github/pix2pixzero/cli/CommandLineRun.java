package io.github.pix2pixzero.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What a run of the command line printed and returned. */
record CommandLineRun(int code, String out, String err) {
  static CommandLineRun of(Object... args) {
    return watched(line -> {}, args);
  }

  /**
   * Runs the command line.
   *
   * @param watcher sees what is printed to standard error as it is printed
   */
  static CommandLineRun watched(Consumer<String> watcher, Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err =
        new StringWriter() {
          @Override
          public void write(String text, int start, int length) {
            super.write(text, start, length);
            watcher.accept(text.substring(start, start + length));
          }
        };
    String[] words = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      words[i] = args[i].toString();
    }
    int code = Main.run(words, new PrintWriter(out, true), new PrintWriter(err, true));
    return new CommandLineRun(code, out.toString(), err.toString());
  }

  /** A picture of the cartoon world. */
  static Path example(String name, Path folder) throws IOException {
    Path file = folder.resolve(name);
    String resource = "/io/github/pix2pixzero/toyworld/examples/" + name;
    try (InputStream in = CommandLineRun.class.getResourceAsStream(resource)) {
      Files.copy(in, file);
    }
    return file;
  }
}
