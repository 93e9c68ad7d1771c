package io.github.pix2pixzero.picture;

/**
 * Where one picture differs from another so much that it is no accident of the autoencoder. What an
 * edit changes stands out from what it leaves; how far, its strongest change says, so that a faint
 * edit is not taken for none.
 */
final class ChangedPlaces {
  /** Of the strongest change, up to which share nothing counts as changed, and from which all. */
  private static final float NOTHING = 0.08f;

  private static final float ALL = 0.25f;

  private ChangedPlaces() {}

  /**
   * Looks at the largest of a pixel's three differences, averaged over a square.
   *
   * @param before RGB, row by row
   * @param after of the same size
   * @param radius pixels from the middle of the square to its sides
   * @return 0 where nothing has changed to 1
   */
  static float[] of(int[] before, int[] after, int width, int radius) {
    float[] differences = new float[before.length];
    for (int i = 0; i < differences.length; i++) {
      differences[i] = difference(before[i], after[i]);
    }
    float[] means = averaged(differences, width, radius);
    float strongest = 0;
    for (float mean : means) {
      strongest = Math.max(strongest, mean);
    }
    float from = NOTHING * strongest;
    float to = ALL * strongest;
    for (int i = 0; i < means.length; i++) {
      means[i] = means[i] <= from ? 0 : Math.min(1, (means[i] - from) / (to - from));
    }
    return means;
  }

  private static int difference(int before, int after) {
    int largest = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      largest = Math.max(largest, Math.abs((before >> shift & 0xff) - (after >> shift & 0xff)));
    }
    return largest;
  }

  /** Means over squares, or what of them lies in the picture. */
  private static float[] averaged(float[] values, int width, int radius) {
    int height = values.length / width;
    float[] rows = new float[values.length];
    for (int y = 0; y < height; y++) {
      average(values, rows, y * width, 1, width, radius);
    }
    float[] squares = new float[values.length];
    for (int x = 0; x < width; x++) {
      average(rows, squares, x, width, height, radius);
    }
    return squares;
  }

  /** Means along a line of {@code count} values. */
  private static void average(
      float[] from, float[] to, int start, int stride, int count, int radius) {
    double sum = 0;
    int first = 0;
    int end = 0;
    for (int i = 0; i < count; i++) {
      while (end < count && end <= i + radius) {
        sum += from[start + stride * end++];
      }
      while (first < i - radius) {
        sum -= from[start + stride * first++];
      }
      to[start + stride * i] = (float) (sum / (end - first));
    }
  }
}
