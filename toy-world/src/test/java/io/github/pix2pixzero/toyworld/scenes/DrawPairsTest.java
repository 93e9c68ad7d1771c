package io.github.pix2pixzero.toyworld.scenes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawPairsTest {
  @TempDir Path folder;

  @Test
  void aPairDiffersInTheAnimalAlone() throws IOException {
    DrawPairs.main(new String[] {folder.toString(), "10", "3"});
    BufferedImage cat = ImageIO.read(folder.resolve("train_A/animal-cat-dog-0.png").toFile());
    BufferedImage dog = ImageIO.read(folder.resolve("train_B/animal-cat-dog-0.png").toFile());
    int changed = 0;
    for (int i = 0; i < 64 * 64; i++) {
      changed += cat.getRGB(i % 64, i / 64) == dog.getRGB(i % 64, i / 64) ? 0 : 1;
    }
    assertThat(changed).isBetween(100, 64 * 64 / 2);
    assertThat(Files.readString(folder.resolve("train_A/animal-cat-dog-0.txt"))).contains("cat");
    assertThat(Files.readString(folder.resolve("train_prompts.json")))
        .contains("\"animal-cat-dog-0.png\": ")
        .contains(" dog")
        .doesNotContain(" cat");
    assertThat(folder.resolve("test_A/animal-cat-dog-9.png")).exists();
    assertThat(folder.resolve("train_A/animal-cat-dog-9.png")).doesNotExist();
  }

  @Test
  void anEditThatTheWorldDoesNotHaveIsRefused() {
    String[] arguments = {folder.toString(), "1", "0", "cat", "horse"};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DrawPairs.main(arguments))
        .withMessage("no edit from cat to horse");
  }
}
