package io.github.pix2pixzero.distill.collect;

import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.distill.Pair;
import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.util.Arrays;

/** Where edits change their pictures, as pictures in grey. */
final class EditMasks {
  /**
   * From where on a pixel counts as changed by the edit, summed over its colours of 0 to 1: the
   * autoencoder changes all pixels a little.
   */
  private static final double CHANGED = 60 / 255.0;

  /** How far the median around a pixel reaches. */
  private static final int MEDIAN = 2;

  private EditMasks() {}

  /** The edit's own mask, or, of methods that have none, where the pictures differ. */
  static BufferedImage of(Edit edit, BufferedImage before) {
    return edit.mask()
        .map(mask -> enlarged(mask, before.getWidth(), before.getHeight()))
        .orElseGet(() -> differing(before, edit.image()));
  }

  /** A mask of the latent, bilinearly at the picture's size. */
  private static BufferedImage enlarged(Tensor mask, int width, int height) {
    int rows = mask.dim(2);
    int columns = mask.dim(3);
    float[] values = mask.toFloats();
    float[] levels = new float[width * height];
    for (int y = 0; y < height; y++) {
      double v = Math.max(0, Math.min(rows - 1, (y + 0.5) * rows / height - 0.5));
      int top = (int) v;
      int bottom = Math.min(rows - 1, top + 1);
      for (int x = 0; x < width; x++) {
        double u = Math.max(0, Math.min(columns - 1, (x + 0.5) * columns / width - 0.5));
        int left = (int) u;
        int right = Math.min(columns - 1, left + 1);
        double above = mix(values[top * columns + left], values[top * columns + right], u - left);
        double below =
            mix(values[bottom * columns + left], values[bottom * columns + right], u - left);
        levels[y * width + x] = (float) mix(above, below, v - top);
      }
    }
    return grey(levels, width, height);
  }

  private static double mix(double one, double other, double share) {
    return one + share * (other - one);
  }

  private static BufferedImage differing(BufferedImage before, BufferedImage after) {
    int width = before.getWidth();
    int height = before.getHeight();
    BufferedImage black = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    Pair pair = Pair.of("", before, after, black);
    double[] difference = new double[width * height];
    for (int i = 0; i < difference.length; i++) {
      for (int c = 0; c < 3; c++) {
        difference[i] += Math.abs(pair.target()[3 * i + c] - pair.source()[3 * i + c]) / 2.0;
      }
    }
    float[] levels = new float[difference.length];
    double[] around = new double[(2 * MEDIAN + 1) * (2 * MEDIAN + 1)];
    for (int i = 0; i < levels.length; i++) {
      int count = 0;
      for (int dy = -MEDIAN; dy <= MEDIAN; dy++) {
        int y = Math.max(0, Math.min(height - 1, i / width + dy));
        for (int dx = -MEDIAN; dx <= MEDIAN; dx++) {
          int x = Math.max(0, Math.min(width - 1, i % width + dx));
          around[count++] = difference[y * width + x];
        }
      }
      Arrays.sort(around);
      levels[i] = around[count / 2] > CHANGED ? 1 : 0;
    }
    return grey(levels, width, height);
  }

  private static BufferedImage grey(float[] levels, int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    WritableRaster raster = picture.getRaster();
    for (int i = 0; i < levels.length; i++) {
      raster.setSample(i % width, i / width, 0, Math.round(255 * levels[i]));
    }
    return picture;
  }
}
