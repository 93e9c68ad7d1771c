package io.github.pix2pixzero.picture;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.util.Optional;

/** What can be seen through a picture. */
public final class Transparency {
  private Transparency() {}

  /**
   * How transparent a picture is, from how much it differs on white and on black.
   *
   * @param onWhite the picture as {@link PictureFiles} reads it on white
   * @param onBlack the same on black
   * @return white where nothing of the picture is there, black where it hides what lies behind;
   *     empty if it does so everywhere
   */
  public static Optional<BufferedImage> of(BufferedImage onWhite, BufferedImage onBlack) {
    int width = onWhite.getWidth();
    int height = onWhite.getHeight();
    checkArgument(
        width == onBlack.getWidth() && height == onBlack.getHeight(),
        "two readings of one picture should have one size");
    BufferedImage through = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    boolean any = false;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int seen = Math.max(0, (onWhite.getRGB(x, y) & 0xff) - (onBlack.getRGB(x, y) & 0xff));
        any |= seen > 0;
        through.setRGB(x, y, seen * 0x10101);
      }
    }
    return any ? Optional.of(through) : Optional.empty();
  }
}
