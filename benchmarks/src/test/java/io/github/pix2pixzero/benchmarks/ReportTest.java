package io.github.pix2pixzero.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir Path folder;

  @Test
  void replacesOnePartAndKeepsTheRest() throws IOException {
    Path file = folder.resolve("report.md");
    Files.writeString(
        file,
        "by hand\n<!-- begin a -->\nold\n<!-- end a -->\nmore\n<!-- begin b -->\nb\n<!-- end b -->\n");

    Report.replace(file, "a", "new\n");
    Report.replace(file, "a", "newer\n");

    assertThat(file)
        .hasContent(
            "by hand\n<!-- begin a -->\n\nnewer\n\n<!-- end a -->\nmore\n"
                + "<!-- begin b -->\nb\n<!-- end b -->\n");
  }

  @Test
  void refusesAFileWithoutThePart() throws IOException {
    Path file = Files.writeString(folder.resolve("report.md"), "by hand\n");

    assertThatThrownBy(() -> Report.replace(file, "kernels", "new\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("report.md")
        .hasMessageContaining("kernels");
  }

  /** The file that the command line writes to has the parts that it writes. */
  @Test
  void theDocumentationHasBothParts() throws IOException {
    Path copy = folder.resolve("benchmarks.md");
    Files.copy(Path.of("..", "docs", "benchmarks.md"), copy);

    Report.replace(copy, "kernels", "kernel times");
    Report.replace(copy, "edit", "edit times");

    assertThat(copy).content().contains("kernel times", "edit times");
  }
}
