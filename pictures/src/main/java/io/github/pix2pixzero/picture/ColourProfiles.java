package io.github.pix2pixzero.picture;

import java.awt.color.CMMException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;

/** Pictures whose numbers mean other colours than those of sRGB. */
final class ColourProfiles {
  private static final int STRIP = 64;
  private static final int CHANNELS = 3;

  private ColourProfiles() {}

  /**
   * The colours that a profile says a picture has, in sRGB; the picture itself where the profile is
   * none of RGB colours or cannot be used.
   */
  static BufferedImage toSrgb(BufferedImage picture, ICC_Profile profile) {
    int colours = picture.getColorModel().getColorSpace().getType();
    if (profile.getColorSpaceType() != ColorSpace.TYPE_RGB || colours != ColorSpace.TYPE_RGB) {
      return picture;
    }
    int width = picture.getWidth();
    int height = picture.getHeight();
    BufferedImage converted = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    try {
      ICC_Profile srgb = ((ICC_ColorSpace) ColorSpace.getInstance(ColorSpace.CS_sRGB)).getProfile();
      ColorConvertOp conversion = new ColorConvertOp(new ICC_Profile[] {profile, srgb}, null);
      for (int y = 0; y < height; y += STRIP) {
        convert(picture, converted, conversion, y, Math.min(STRIP, height - y));
      }
    } catch (CMMException | IllegalArgumentException e) {
      return picture;
    }
    return converted;
  }

  private static void convert(
      BufferedImage from, BufferedImage to, ColorConvertOp conversion, int y, int rows) {
    int width = from.getWidth();
    int[] pixels = from.getRGB(0, y, width, rows, null, 0, width);
    WritableRaster colours =
        Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, width, rows, CHANNELS, null);
    int[] channels = new int[CHANNELS * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      channels[CHANNELS * i] = pixels[i] >> 16 & 0xff;
      channels[CHANNELS * i + 1] = pixels[i] >> 8 & 0xff;
      channels[CHANNELS * i + 2] = pixels[i] & 0xff;
    }
    colours.setPixels(0, 0, width, rows, channels);
    WritableRaster result = colours.createCompatibleWritableRaster();
    conversion.filter(colours, result).getPixels(0, 0, width, rows, channels);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] =
          pixels[i] & 0xff000000
              | channels[CHANNELS * i] << 16
              | channels[CHANNELS * i + 1] << 8
              | channels[CHANNELS * i + 2];
    }
    to.setRGB(0, y, width, rows, pixels, 0, width);
  }
}
