package io.github.pix2pixzero.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The generated parts of a Markdown file. Each stands between two comments that carry its name;
 * what is written around them by hand stays.
 */
public final class Report {

  private Report() {}

  /**
   * Replaces a part.
   *
   * @throws IOException if the file cannot be read or written, or lacks the part's comments
   */
  public static void replace(Path file, String part, String markdown) throws IOException {
    String begin = "<!-- begin " + part + " -->\n";
    String end = "<!-- end " + part + " -->";
    String text = Files.readString(file);
    int from = text.indexOf(begin);
    int to = text.indexOf(end, Math.max(from, 0));
    if (from < 0 || to < 0) {
      throw new IOException(
          "%s has no place for the part %s: no %s followed by %s"
              .formatted(file, part, begin.strip(), end));
    }
    Files.writeString(
        file,
        text.substring(0, from + begin.length()) + "\n" + markdown + "\n" + text.substring(to));
  }
}
