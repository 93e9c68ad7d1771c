package io.github.pix2pixzero.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class TransparencyTest {
  private static byte[] png(BufferedImage picture) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", out);
    return out.toByteArray();
  }

  private static Optional<BufferedImage> through(byte[] png) throws IOException {
    return Transparency.of(
        PictureFiles.read(new ByteArrayInputStream(png), Color.WHITE),
        PictureFiles.read(new ByteArrayInputStream(png), Color.BLACK));
  }

  @Test
  void isWhereNothingIs() throws IOException {
    BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_INT_ARGB);
    picture.setRGB(0, 0, 0xff336699);
    picture.setRGB(1, 0, 0x80336699);
    BufferedImage through = through(png(picture)).orElseThrow();
    assertThat(through.getRGB(0, 0) & 0xff).isZero();
    assertThat(through.getRGB(1, 0) & 0xff).isBetween(126, 128);
    assertThat(through.getRGB(2, 1) & 0xff).isEqualTo(255);
  }

  @Test
  void isNotThereInWhatHidesAll() throws IOException {
    assertThat(through(png(new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB)))).isEmpty();
  }

  @Test
  void picturesAreReadUpToALimit() throws IOException {
    byte[] png = png(new BufferedImage(20, 10, BufferedImage.TYPE_INT_RGB));
    assertThat(PictureFiles.read(png, Color.WHITE, 200).getWidth()).isEqualTo(20);
    assertThatIOException()
        .isThrownBy(() -> PictureFiles.read(png, Color.WHITE, 199))
        .withMessageContaining("20 x 10");
  }
}
