package io.github.pix2pixzero.picture;

import com.twelvemonkeys.imageio.metadata.Entry;
import com.twelvemonkeys.imageio.metadata.tiff.TIFFReader;
import java.awt.Transparency;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.util.stream.IntStream;
import javax.imageio.stream.ImageInputStream;

/** What the samples of a TIFF beyond its colours mean (TIFF 6.0, ExtraSamples). */
final class TiffAlpha {
  private static final int EXTRA_SAMPLES = 338;

  /** Nothing that is known. */
  private static final int UNSPECIFIED = 0;

  /** Opacity, with which the colours have been multiplied. */
  private static final int ASSOCIATED = 1;

  /** Opacity alone. */
  private static final int UNASSOCIATED = 2;

  private TiffAlpha() {}

  /**
   * What the first such sample is said to mean; opacity where nothing is said.
   *
   * @param in left at an unknown position
   */
  static int meaning(ImageInputStream in) {
    try {
      in.seek(0);
      Entry entry = new TIFFReader().read(in).getEntryById(EXTRA_SAMPLES);
      Object value = entry == null ? UNASSOCIATED : entry.getValue();
      if (value instanceof int[] several && several.length > 0) {
        return several[0];
      }
      if (value instanceof short[] several && several.length > 0) {
        return several[0];
      }
      return value instanceof Number one ? one.intValue() : UNASSOCIATED;
    } catch (IOException | RuntimeException e) {
      return UNASSOCIATED;
    }
  }

  /** A picture that was read as if the last sample were opacity alone, with what it is. */
  static BufferedImage apply(BufferedImage picture, int meaning) {
    ColorModel model = picture.getColorModel();
    if (!(model instanceof ComponentColorModel) || !model.hasAlpha() || meaning == UNASSOCIATED) {
      return picture;
    }
    WritableRaster raster = picture.getRaster();
    if (meaning == ASSOCIATED) {
      ColorModel multiplied =
          new ComponentColorModel(
              model.getColorSpace(), true, true, Transparency.TRANSLUCENT, model.getTransferType());
      return new BufferedImage(multiplied, raster, true, null);
    }
    if (meaning != UNSPECIFIED) {
      return picture;
    }
    int[] colours = IntStream.range(0, model.getNumColorComponents()).toArray();
    ColorModel opaque =
        new ComponentColorModel(
            model.getColorSpace(), false, false, Transparency.OPAQUE, model.getTransferType());
    WritableRaster part =
        raster.createWritableChild(0, 0, picture.getWidth(), picture.getHeight(), 0, 0, colours);
    return new BufferedImage(opaque, part, false, null);
  }
}
