package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java runs as it stands there, but for where the files lie. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");

  @TempDir Path folder;

  @Test
  void theExampleEditsAPicture() throws IOException {
    Path checkpoint = ROOT.resolve("toy-world/model");
    Pix2PixZero model = Pix2PixZero.load(checkpoint);
    BufferedImage cat = PictureFiles.read(ROOT.resolve("toy-world/examples/cat.png"));
    EditOptions options =
        EditOptions.builder()
            .from("cat")
            .to("dog")
            .caption("a photo of a gray cat in the snow")
            .steps(20)
            .build();
    Edit edit = model.edit(cat, options);
    PictureFiles.write(edit.image(), folder.resolve("dog.png"));
    assertThat(PictureFiles.read(folder.resolve("dog.png")).getWidth()).isEqualTo(64);
  }

  @Test
  void theReadmeShowsThisExample() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String test = Files.readString(Path.of("src/test/java/io/github/pix2pixzero/ReadmeTest.java"));
    List<String> shown =
        readme.split("```java\n")[1].split("```")[0].lines().map(String::strip).toList();
    assertThat(shown).hasSizeGreaterThan(9);
    assertThat(shown.stream().filter(line -> !line.contains("Path.of(")))
        .allSatisfy(line -> assertThat(test).contains(line));
  }
}
