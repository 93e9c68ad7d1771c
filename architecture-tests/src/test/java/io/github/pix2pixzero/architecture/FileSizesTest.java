package io.github.pix2pixzero.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A file that grows past 500 lines has more than one subject. */
class FileSizesTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final int MOST_LINES = 500;

  /** One kernel for every shape of its registers; and the options of two methods, still. */
  private static final Set<String> EXCEPTIONS = Set.of("MicroKernel.java", "EditOptions.java");

  @Test
  void noMainFileIsTooLong() throws IOException {
    List<Path> files = mainFiles();
    assertThat(files).hasSizeGreaterThan(200);
    for (Path file : files) {
      if (!EXCEPTIONS.contains(file.getFileName().toString())) {
        assertThat(Files.readAllLines(file))
            .as("lines of %s", ROOT.relativize(file))
            .hasSizeLessThanOrEqualTo(MOST_LINES);
      }
    }
  }

  @Test
  void everyExceptionIsNeeded() throws IOException {
    for (String name : EXCEPTIONS) {
      assertThat(mainFiles().stream().filter(file -> file.endsWith(name)))
          .singleElement()
          .satisfies(file -> assertThat(Files.readAllLines(file)).hasSizeGreaterThan(MOST_LINES));
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
