package io.github.pix2pixzero.picture;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** Pictures of any kind as 8-bit sRGB. */
final class RgbPictures {
  private RgbPictures() {}

  /**
   * The same picture in 8-bit RGB; what is transparent lies on white, 16 bits are rounded to 8. A
   * picture that is {@link BufferedImage#TYPE_INT_RGB} already is returned itself.
   */
  static BufferedImage toRgb(BufferedImage picture) {
    if (picture.getType() == BufferedImage.TYPE_INT_RGB) {
      return picture;
    }
    BufferedImage rgb =
        new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
    if (isGrey(picture.getColorModel())) {
      copyGrey(picture, rgb);
    } else {
      Graphics2D graphics = rgb.createGraphics();
      graphics.drawImage(picture, 0, 0, Color.WHITE, null);
      graphics.dispose();
    }
    return rgb;
  }

  private static boolean isGrey(ColorModel model) {
    return !(model instanceof IndexColorModel)
        && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
  }

  /**
   * Copies levels of grey as they are. Java2D takes grey for linear light and would make 188 of
   * 128; in files it is encoded as sRGB is.
   */
  private static void copyGrey(BufferedImage picture, BufferedImage rgb) {
    ColorModel model = picture.getColorModel();
    Raster raster = picture.getRaster();
    int width = picture.getWidth();
    float[] components = new float[model.getNumComponents()];
    int[] row = new int[width];
    Object pixel = null;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < width; x++) {
        pixel = raster.getDataElements(x, y, pixel);
        model.getNormalizedComponents(pixel, components, 0);
        float alpha = model.hasAlpha() ? components[1] : 1f;
        int level = Math.round(255 * (components[0] * alpha + 1 - alpha));
        row[x] = level << 16 | level << 8 | level;
      }
      rgb.setRGB(0, y, width, 1, row, 0, width);
    }
  }
}
