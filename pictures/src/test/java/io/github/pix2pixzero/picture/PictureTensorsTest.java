package io.github.pix2pixzero.picture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class PictureTensorsTest {
  private static final Backend BACKEND = Backends.named("plain", 1);

  @Test
  void putsChannelsFirstFromMinusOneToOne() {
    BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(0, 0, 0xff0000);
    picture.setRGB(2, 0, 0x00ff00);
    picture.setRGB(1, 1, 0x0000ff);
    Tensor tensor = PictureTensors.toTensor(picture, BACKEND);
    assertThat(tensor.shape().toArray()).containsExactly(1, 3, 2, 3);
    assertThat(tensor.toFloats())
        .containsExactly(
            1, -1, -1, -1, -1, -1, //
            -1, -1, 1, -1, -1, -1, //
            -1, -1, -1, -1, 1, -1);
  }

  @Test
  void everyLevelSurvivesTheWayThereAndBack() {
    BufferedImage picture = new BufferedImage(256, 1, BufferedImage.TYPE_INT_RGB);
    for (int level = 0; level < 256; level++) {
      picture.setRGB(level, 0, level << 16 | (255 - level) << 8 | (level ^ 0x55));
    }
    BufferedImage back = PictureTensors.toPicture(PictureTensors.toTensor(picture, BACKEND));
    assertThat(back.getWidth()).isEqualTo(256);
    assertThat(back.getHeight()).isEqualTo(1);
    for (int level = 0; level < 256; level++) {
      assertThat(rgb(back, level, 0)).isEqualTo(rgb(picture, level, 0));
    }
  }

  @Test
  void valuesBeyondTheRangeCountAsItsEnds() {
    Tensor tensor = Tensor.of(BACKEND, new float[] {-7, 1.01f, 1e30f}, 1, 3, 1, 1);
    assertThat(rgb(PictureTensors.toPicture(tensor), 0, 0)).isEqualTo(0x00ffff);
  }

  @Test
  void takesTheFirstOfABatch() {
    Tensor tensor = Tensor.of(BACKEND, new float[] {1, 1, 1, -1, -1, -1}, 2, 3, 1, 1);
    assertThat(rgb(PictureTensors.toPicture(tensor), 0, 0)).isEqualTo(0xffffff);
  }

  @Test
  void takesPicturesOfAnyKind() {
    BufferedImage grey = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(0, 0, 0, 128);
    BufferedImage clear = new BufferedImage(1, 1, BufferedImage.TYPE_4BYTE_ABGR);
    BufferedImage swapped = new BufferedImage(1, 1, BufferedImage.TYPE_3BYTE_BGR);
    swapped.setRGB(0, 0, 0x102030);
    assertThat(thereAndBack(grey)).isEqualTo(0x808080);
    assertThat(thereAndBack(clear)).isEqualTo(0xffffff);
    assertThat(thereAndBack(swapped)).isEqualTo(0x102030);
  }

  static int rgb(BufferedImage picture, int x, int y) {
    return picture.getRGB(x, y) & 0xffffff;
  }

  private static int thereAndBack(BufferedImage picture) {
    return rgb(PictureTensors.toPicture(PictureTensors.toTensor(picture, BACKEND)), 0, 0);
  }
}
