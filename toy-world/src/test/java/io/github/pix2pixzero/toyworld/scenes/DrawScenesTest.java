package io.github.pix2pixzero.toyworld.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The scenes are those that the toy model's figures are about: the resources are of the set on
 * which diffusers' edits were scored.
 */
class DrawScenesTest {
  @TempDir Path folder;

  @Test
  void drawsTheDocumentedSet() throws IOException {
    DrawScenes.main(new String[] {folder.toString()});
    try (InputStream expected = resource("scenes.json")) {
      assertThat(Files.readAllBytes(folder.resolve("scenes.json")))
          .isEqualTo(expected.readAllBytes());
    }
    for (String name :
        new String[] {
          "animal-cat-dog-0-source",
          "extra-none-hat-3-target",
          "extra-none-hat-3-mask",
          "place-meadow-snow-5-target",
          "style-photo-sketch-2-target",
          "style-sketch-oil_painting-7-target"
        }) {
      try (InputStream expected = resource(name + ".png")) {
        BufferedImage drawn = ImageIO.read(folder.resolve(name + ".png").toFile());
        // A JDK may smooth edges a little otherwise.
        assertThat(distance(drawn, ImageIO.read(expected))).as(name).isLessThan(1);
      }
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(569);
    }
  }

  @Test
  void otherSeedsDrawOtherScenes() throws IOException {
    DrawScenes.draw(folder, 1, 1);
    String one = Files.readString(folder.resolve("scenes.json"));
    DrawScenes.draw(folder, 2, 1);
    assertThat(one.lines()).hasSize(11);
    assertThat(Files.readString(folder.resolve("scenes.json"))).isNotEqualTo(one);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DrawScenes.main(new String[0]))
        .withMessageContaining("DIR");
  }

  /** Mean of the differences of pixels, summed over their channels. */
  private static double distance(BufferedImage one, BufferedImage other) {
    assertThat(one.getWidth()).isEqualTo(other.getWidth()).isEqualTo(64);
    double sum = 0;
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 64; x++) {
        sum += DrawScenes.difference(one.getRGB(x, y), other.getRGB(x, y));
      }
    }
    return sum / (64 * 64);
  }

  private static InputStream resource(String name) {
    return DrawScenesTest.class.getResourceAsStream(name);
  }
}
