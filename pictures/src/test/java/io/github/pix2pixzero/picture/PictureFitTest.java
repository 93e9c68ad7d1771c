package io.github.pix2pixzero.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.awt.Color;
import java.awt.Dimension;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureFitTest {
  private static final PictureFit TOY = new PictureFit(64, 16);
  private static final PictureFit SD = new PictureFit(512, 64);

  @ParameterizedTest
  @CsvSource({"64, 64", "80, 48", "32, 32", "64, 16"})
  void leavesWhatFitsAsItIs(int width, int height) {
    BufferedImage picture = plain(width, height);
    assertThat(TOY.apply(picture)).isSameAs(picture);
  }

  @ParameterizedTest
  @CsvSource({
    "512, 512, 512, 512",
    "1024, 1024, 512, 512",
    "4000, 3000, 576, 448",
    "3000, 4000, 448, 576",
    "1920, 1080, 704, 384",
    "640, 512, 576, 448",
    "100, 100, 512, 512",
    "64, 64, 512, 512",
    "1, 1, 512, 512",
    "3, 2, 640, 448",
    "511, 513, 512, 512",
    "4000, 10, 4096, 64",
    "100000, 1, 4096, 64",
    "1, 5000, 64, 4096"
  })
  void scalesToAboutThePixelsOfTraining(int width, int height, int fitWidth, int fitHeight) {
    BufferedImage fitted = SD.apply(plain(width, height));
    assertThat(fitted.getWidth()).isEqualTo(fitWidth);
    assertThat(fitted.getHeight()).isEqualTo(fitHeight);
    assertThat(PictureTensorsTest.rgb(fitted, 0, 0)).isEqualTo(0x336699);
    assertThat(PictureTensorsTest.rgb(fitted, fitWidth - 1, fitHeight - 1)).isEqualTo(0x336699);
  }

  /** However odd the sizes, the result is one the networks divide and the memory holds. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 63, 65, 97, 500, 3001})
  void everySizeComesOutUsable(int width) {
    for (int height : new int[] {1, 7, 16, 64, 100, 641}) {
      BufferedImage fitted = TOY.apply(plain(width, height));
      assertThat(fitted.getWidth() % 16).isZero();
      assertThat(fitted.getHeight() % 16).isZero();
      assertThat(fitted.getWidth() * fitted.getHeight())
          .as("pixels of %s x %s", fitted.getWidth(), fitted.getHeight())
          .isBetween(64 * 64 / 4, 64 * 64 * 2);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CROP, 100, 61",
    "PAD, 100, 61",
    "RESIZE, 100, 61",
    "CROP, 61, 100",
    "PAD, 61, 100",
    "RESIZE, 61, 100",
    "CROP, 40, 17",
    "PAD, 40, 17",
    "RESIZE, 40, 17",
    "CROP, 1000, 3",
    "PAD, 1000, 3",
    "RESIZE, 1000, 3",
    "CROP, 7, 7",
    "PAD, 3001, 641",
    "CROP, 3001, 641",
    "CROP, 64, 64"
  })
  void goesBackToTheSizeOfTheSource(PictureFit.Policy policy, int width, int height) {
    BufferedImage source = gradient(width, height);
    FittedPicture fitted = new PictureFit(64, 16, policy).fit(source);
    assertThat(fitted.picture().getWidth() % 16).isZero();
    assertThat(fitted.picture().getHeight() % 16).isZero();
    BufferedImage back = fitted.restore(fitted.picture());
    assertThat(back.getWidth()).isEqualTo(width);
    assertThat(back.getHeight()).isEqualTo(height);
    for (int y = 0; y < height; y += Math.max(1, height / 7)) {
      for (int x = 0; x < width; x += Math.max(1, width / 7)) {
        int there = source.getRGB(x, y);
        int here = back.getRGB(x, y);
        assertThat(here >> 16 & 0xff).isCloseTo(there >> 16 & 0xff, within(12));
        assertThat(here >> 8 & 0xff).isCloseTo(there >> 8 & 0xff, within(12));
      }
    }
  }

  @Test
  void whatWasCutOffComesBackAsItWas() {
    BufferedImage source = gradient(100, 61);
    FittedPicture fitted = TOY.fit(source);
    BufferedImage black = new BufferedImage(80, 48, BufferedImage.TYPE_INT_RGB);
    assertThat(fitted.picture().getWidth()).isEqualTo(80);
    assertThat(fitted.picture().getHeight()).isEqualTo(48);
    BufferedImage restored = fitted.restore(black);
    assertThat(fitted.shown()).isEqualTo(new Rectangle(0, 0, 100, 60));
    assertThat(PictureTensorsTest.rgb(restored, 50, 59)).isZero();
    assertThat(PictureTensorsTest.rgb(restored, 50, 60))
        .isEqualTo(PictureTensorsTest.rgb(source, 50, 60));
  }

  @Test
  void paddingRepeatsTheEdgeAndIsCutOffAgain() {
    FittedPicture fitted = new PictureFit(64, 16, PictureFit.Policy.PAD).fit(plain(100, 61));
    assertThat(fitted.place().getSize()).isNotEqualTo(new Dimension(80, 48));
    assertThat(PictureTensorsTest.rgb(fitted.picture(), 0, 0)).isEqualTo(0x336699);
    assertThat(PictureTensorsTest.rgb(fitted.picture(), 79, 47)).isEqualTo(0x336699);
  }

  @Test
  void aMaskGoesTheSameWay() {
    BufferedImage mask = plain(90, 60);
    for (int i = 0; i < 90 * 60; i++) {
      mask.setRGB(i % 90, i / 90, i % 90 < 45 ? 0xffffff : 0);
    }
    FittedPicture cropped = TOY.fit(plain(90, 60));
    BufferedImage along = cropped.along(mask);
    assertThat(along.getWidth()).isEqualTo(cropped.picture().getWidth());
    assertThat(along.getHeight()).isEqualTo(cropped.picture().getHeight());
    int middle = along.getWidth() / 2;
    assertThat(along.getRGB(middle - 8, 20) & 0xff).isGreaterThan(250);
    assertThat(along.getRGB(middle + 8, 20) & 0xff).isLessThan(5);

    FittedPicture padded = new PictureFit(64, 16, PictureFit.Policy.PAD).fit(plain(90, 60));
    BufferedImage inside = padded.along(mask);
    assertThat(padded.place().x).isPositive();
    assertThat(inside.getRGB(padded.place().x + 4, 4) & 0xff).isGreaterThan(250);
    assertThat(inside.getRGB(0, 4) & 0xff).isZero(); // padding is not the picture's
    assertThatIllegalArgumentException()
        .isThrownBy(() -> padded.along(plain(60, 90)))
        .withMessage("the mask is 60 x 90 pixels, the picture 90 x 60");
  }

  @Test
  void refusesToBringBackAPictureOfAnotherSize() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TOY.fit(plain(100, 61)).restore(plain(64, 64)))
        .withMessage("the picture is 64 x 64, expected 80 x 48");
  }

  @Test
  void keepsProportionsAndTheMiddle() {
    // A disc in the middle of a wide picture stays a disc in the middle.
    BufferedImage picture = plain(1000, 700);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillOval(300, 150, 400, 400);
    graphics.dispose();
    BufferedImage fitted = SD.apply(picture);
    int width = fitted.getWidth();
    int height = fitted.getHeight();
    int left = 0;
    while (PictureTensorsTest.rgb(fitted, left, height / 2) != 0xffffff) {
      left++;
    }
    int top = 0;
    while (PictureTensorsTest.rgb(fitted, width / 2, top) != 0xffffff) {
      top++;
    }
    int right = width - 1;
    while (PictureTensorsTest.rgb(fitted, right, height / 2) != 0xffffff) {
      right--;
    }
    int bottom = height - 1;
    while (PictureTensorsTest.rgb(fitted, width / 2, bottom) != 0xffffff) {
      bottom--;
    }
    assertThat(right - left).isCloseTo(bottom - top, within(3));
    assertThat(left + right).isCloseTo(width - 1, within(3));
    assertThat(top + bottom).isCloseTo(height - 1, within(3));
  }

  @Test
  void refusesASizeBelowTheMultiple() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PictureFit(8, 16))
        .withMessage("a size of 8 does not hold the multiple 16");
  }

  private static BufferedImage gradient(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        picture.setRGB(x, y, (255 * x / width) << 16 | (255 * y / height) << 8);
      }
    }
    return picture;
  }

  private static BufferedImage plain(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(new Color(0x336699));
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return picture;
  }
}
