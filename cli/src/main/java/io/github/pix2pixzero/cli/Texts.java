package io.github.pix2pixzero.cli;

import java.awt.image.BufferedImage;
import java.time.Duration;
import java.util.Locale;

/** How numbers are shown. */
final class Texts {
  private Texts() {}

  /** Width and height, such as {@code 512x512}. */
  static String size(BufferedImage picture) {
    return picture.getWidth() + "x" + picture.getHeight();
  }

  /** Such as {@code 12 steps}. */
  static String steps(long count) {
    return count + (count == 1 ? " step" : " steps");
  }

  /** Such as {@code 2.3 s}. */
  static String seconds(Duration time) {
    return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
  }
}
