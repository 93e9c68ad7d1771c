package io.github.pix2pixzero.picture;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;

/** Maps of heat over pictures: black through red and yellow to white over a darkened grey. */
public final class HeatMap {
  private static final float SHARE_OF_PICTURE = 0.4f;

  private HeatMap() {}

  /**
   * Lays a map over a picture.
   *
   * @param heat [height · width] from 0 to 1, row by row; scaled smoothly to the picture
   */
  public static BufferedImage overlay(BufferedImage picture, float[] heat, int width, int height) {
    checkArgument(
        heat.length == width * height,
        "a map of %s x %s does not have %s values",
        width,
        height,
        heat.length);
    BufferedImage grey = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        grey.setRGB(x, y, Math.round(255 * heat[y * width + x]) * 0x10101);
      }
    }
    BufferedImage rgb = RgbPictures.toRgb(picture);
    BufferedImage map = RgbPictures.scaled(grey, rgb.getWidth(), rgb.getHeight());
    BufferedImage overlay = RgbPictures.copy(rgb);
    for (int y = 0; y < rgb.getHeight(); y++) {
      for (int x = 0; x < rgb.getWidth(); x++) {
        int pixel = rgb.getRGB(x, y);
        float luma =
            0.299f * (pixel >> 16 & 0xff) + 0.587f * (pixel >> 8 & 0xff) + 0.114f * (pixel & 0xff);
        overlay.setRGB(x, y, mixed((map.getRGB(x, y) & 0xff) / 255f, luma));
      }
    }
    return overlay;
  }

  private static int mixed(float heat, float luma) {
    int rgb = 0;
    for (int channel = 0; channel < 3; channel++) {
      float colour = 255 * Math.max(0, Math.min(1, 3 * heat - channel));
      rgb = rgb << 8 | Math.round(SHARE_OF_PICTURE * luma + (1 - SHARE_OF_PICTURE) * colour);
    }
    return rgb;
  }
}
