package io.github.pix2pixzero.distill.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.github.pix2pixzero.distill.PairSource;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of pairs that come from elsewhere. */
class PairFolderTest {
  @TempDir private Path folder;

  private void picture(String side, String name, int width, int height) throws IOException {
    Path directory = Files.createDirectories(folder.resolve(side));
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    ImageIO.write(image, "png", directory.resolve(name).toFile());
  }

  @Test
  void picturesOfAPairHaveOneSize() throws IOException {
    picture("train_A", "a.png", 64, 48);
    picture("train_B", "a.png", 64, 48);
    picture("train_A", "b.png", 1, 1);
    picture("train_B", "b.png", 64, 40);
    PairSource pairs = PairFolder.open(folder, PairFilter.ALL).training(32);
    assertThat(pairs.size()).isEqualTo(2);
    assertThat(pairs.pair(0).height()).isEqualTo(36);
    assertThatIOException()
        .isThrownBy(() -> pairs.pair(1))
        .withMessage(
            "pair b of %s is damaged: its pictures are 1 × 1 and 64 × 40 pixels large", folder);
  }
}
