package io.github.pix2pixzero.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A file that grows past 500 lines has more than one subject. */
class FileSizesTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final int MOST_LINES = 500;

  /** One kernel for every shape of its registers. */
  private static final String EXCEPTION = "MicroKernel.java";

  @Test
  void noMainFileIsTooLong() throws IOException {
    List<Path> files = mainFiles();
    assertThat(files).hasSizeGreaterThan(200);
    for (Path file : files) {
      if (!file.endsWith(EXCEPTION)) {
        assertThat(Files.readAllLines(file))
            .as("lines of %s", ROOT.relativize(file))
            .hasSizeLessThanOrEqualTo(MOST_LINES);
      }
    }
  }

  private static List<Path> mainFiles() throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      return modules
          .map(module -> module.resolve("src/main/java"))
          .filter(Files::isDirectory)
          .flatMap(FileSizesTest::filesIn)
          .filter(file -> file.toString().endsWith(".java"))
          .toList();
    }
  }

  private static Stream<Path> filesIn(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
