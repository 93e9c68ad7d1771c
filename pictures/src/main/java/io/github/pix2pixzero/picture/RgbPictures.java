package io.github.pix2pixzero.picture;

import com.twelvemonkeys.image.ResampleOp;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;

/** Pictures as 8-bit sRGB, and what is done to them. */
final class RgbPictures {
  private RgbPictures() {}

  /** {@link #toRgb(BufferedImage, Color)} on white. */
  static BufferedImage toRgb(BufferedImage picture) {
    return toRgb(picture, Color.WHITE);
  }

  /**
   * The same picture in 8-bit RGB; 16 bits are rounded to 8. A picture that is {@link
   * BufferedImage#TYPE_INT_RGB} already is returned itself.
   *
   * @param background what is transparent lies on it
   */
  static BufferedImage toRgb(BufferedImage picture, Color background) {
    if (picture.getType() == BufferedImage.TYPE_INT_RGB) {
      return picture;
    }
    BufferedImage rgb = blank(picture.getWidth(), picture.getHeight());
    if (isGrey(picture.getColorModel())) {
      copyGrey(picture, rgb, background);
    } else {
      Graphics2D graphics = rgb.createGraphics();
      graphics.drawImage(picture, 0, 0, background, null);
      graphics.dispose();
    }
    return rgb;
  }

  /** The same picture in 8-bit RGB, with the colours that lie under what is transparent. */
  static BufferedImage withoutAlpha(BufferedImage picture) {
    ColorModel model = picture.getColorModel();
    if (!model.hasAlpha()) {
      return toRgb(picture);
    }
    int width = picture.getWidth();
    int height = picture.getHeight();
    if (isGrey(model)) {
      WritableRaster levels =
          picture.getRaster().createWritableChild(0, 0, width, height, 0, 0, new int[] {0});
      ColorModel opaque =
          new ComponentColorModel(
              model.getColorSpace(), false, false, Transparency.OPAQUE, model.getTransferType());
      return toRgb(new BufferedImage(opaque, levels, false, null));
    }
    return copy(picture);
  }

  private static boolean isGrey(ColorModel model) {
    return !(model instanceof IndexColorModel)
        && model.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
  }

  /**
   * Copies levels of grey as they are. Java2D takes grey for linear light and would make 188 of
   * 128; in files it is encoded as sRGB is.
   */
  private static void copyGrey(BufferedImage picture, BufferedImage rgb, Color background) {
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
        float grey = 255 * components[0] * alpha;
        row[x] =
            Math.round(grey + background.getRed() * (1 - alpha)) << 16
                | Math.round(grey + background.getGreen() * (1 - alpha)) << 8
                | Math.round(grey + background.getBlue() * (1 - alpha));
      }
      rgb.setRGB(0, y, width, 1, row, 0, width);
    }
  }

  private static BufferedImage blank(int width, int height) {
    return new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
  }

  static BufferedImage scaled(BufferedImage rgb, int width, int height) {
    if (rgb.getWidth() == width && rgb.getHeight() == height) {
      return rgb;
    }
    return new ResampleOp(width, height, ResampleOp.FILTER_LANCZOS).filter(rgb, null);
  }

  static BufferedImage part(BufferedImage rgb, Rectangle region) {
    return rgb.getSubimage(region.x, region.y, region.width, region.height);
  }

  static BufferedImage copy(BufferedImage rgb) {
    BufferedImage copy = blank(rgb.getWidth(), rgb.getHeight());
    put(rgb, copy, 0, 0);
    return copy;
  }

  static void put(BufferedImage rgb, BufferedImage onto, int x, int y) {
    int width = rgb.getWidth();
    int[] row = new int[width];
    for (int line = 0; line < rgb.getHeight(); line++) {
      onto.setRGB(x, y + line, width, 1, rgb.getRGB(0, line, width, 1, row, 0, width), 0, width);
    }
  }

  /** A picture with its outermost pixels repeated around it. */
  static BufferedImage surrounded(BufferedImage rgb, Rectangle place, int width, int height) {
    BufferedImage padded = blank(width, height);
    for (int y = 0; y < height; y++) {
      int fromY = Math.min(Math.max(y - place.y, 0), place.height - 1);
      for (int x = 0; x < width; x++) {
        int fromX = Math.min(Math.max(x - place.x, 0), place.width - 1);
        padded.setRGB(x, y, rgb.getRGB(fromX, fromY));
      }
    }
    return padded;
  }
}
