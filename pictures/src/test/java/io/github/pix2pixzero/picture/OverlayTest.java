package io.github.pix2pixzero.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class OverlayTest {
  private static final int BEFORE = 0x102030;
  private static final int AFTER = 0xf0d0b0;

  private static BufferedImage filled(int width, int height, int rgb) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      picture.setRGB(i % width, i / width, rgb);
    }
    return picture;
  }

  private static Tensor mask(int height, int width, float... values) {
    return Tensor.of(Backends.named("plain", 1), values, 1, 1, height, width);
  }

  private static BufferedImage overlay(int width, int height, Tensor mask) {
    return Overlay.of(filled(width, height, BEFORE), filled(width, height, AFTER), mask);
  }

  private static int at(BufferedImage picture, int x, int y) {
    return picture.getRGB(x, y) & 0xffffff;
  }

  @Test
  void outsideIsThePictureAndInsideTheEdit() {
    BufferedImage result = overlay(12, 8, mask(2, 3, 0, 0, 1, 0, 0, 1));
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 6; x++) {
        assertThat(at(result, x, y)).isEqualTo(BEFORE);
      }
      // Of the mask, pixels 6 and 7 have an eighth and three of them.
      assertThat(at(result, 6, y)).isEqualTo(0x484c50);
      assertThat(at(result, 7, y)).isEqualTo(0xb8a490);
      for (int x = 8; x < 12; x++) {
        assertThat(at(result, x, y)).isEqualTo(AFTER);
      }
    }
  }

  @Test
  void interpolatesAlongBothAxes() {
    BufferedImage result = overlay(4, 8, mask(4, 2, 0, 0, 0, 0, 1, 1, 1, 1));
    for (int x = 0; x < 4; x++) {
      assertThat(at(result, x, 2)).isEqualTo(BEFORE);
      assertThat(at(result, x, 3)).isEqualTo(0x807870); // a quarter of the mask
      assertThat(at(result, x, 4)).isEqualTo(AFTER);
    }
  }

  @Test
  void greyMasksOfPixelsCount() {
    BufferedImage result = overlay(3, 1, mask(1, 3, 0, 0.25f, 0.5f));
    assertThat(at(result, 0, 0)).isEqualTo(BEFORE);
    assertThat(at(result, 1, 0)).isEqualTo(0x807870);
    assertThat(at(result, 2, 0)).isEqualTo(AFTER);
  }

  /** An autoencoder is wrong by a few levels everywhere; where that is all, the picture stays. */
  @Test
  void whatHardlyDiffersIsThePicture() {
    BufferedImage before = filled(16, 8, BEFORE);
    BufferedImage after = filled(16, 8, BEFORE + 0x040000);
    for (int i = 0; i < 64; i++) {
      after.setRGB(8 + i % 8, i / 8, BEFORE + 0x640000);
    }
    BufferedImage result = Overlay.of(before, after, mask(2, 4, 1, 1, 1, 1, 1, 1, 1, 1));
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 6; x++) {
        assertThat(at(result, x, y)).isEqualTo(BEFORE);
      }
      // Of five pixels around it, one has changed by 100 and the others by 4: 23.2, of which
      // 15.2 of 17 are beyond the least that counts.
      assertThat(at(result, 6, y)).isEqualTo(BEFORE + 0x040000);
      for (int x = 8; x < 16; x++) {
        assertThat(at(result, x, y)).isEqualTo(BEFORE + 0x640000);
      }
    }
  }

  @Test
  void aFaintEditIsNotTakenForNone() {
    BufferedImage before = filled(8, 8, BEFORE);
    BufferedImage after = filled(8, 8, BEFORE + 0x000003);
    BufferedImage result = Overlay.of(before, after, mask(1, 1, 1));
    assertThat(at(result, 0, 0)).isEqualTo(BEFORE + 0x000003);
    assertThat(at(Overlay.of(before, before, mask(1, 1, 1)), 7, 7)).isEqualTo(BEFORE);
  }

  @Test
  void picturesOfDifferentSizesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Overlay.of(filled(4, 4, BEFORE), filled(4, 3, AFTER), mask(1, 1, 1f)))
        .withMessage("the edited picture is 4 x 3, the picture 4 x 4");
  }
}
