package io.github.pix2pixzero.tensor.nn;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * PyTorch's {@code interpolate} with {@code align_corners=False} along one axis, in double
 * precision: which elements each new one is summed of, and with what weights. Unlike Pillow's
 * resize it rounds nothing, and widens no filter unless told to.
 */
public final class Interpolation {
  /** The cubic's parameter, where Pillow has -0.5. */
  private static final double A = -0.75;

  private final int from;
  private final int[][] indices;
  private final double[][] weights;

  private Interpolation(int from, int to) {
    checkArgument(from > 0 && to > 0, "%s elements do not become %s", from, to);
    this.from = from;
    indices = new int[to][];
    weights = new double[to][];
  }

  /** {@code mode="bilinear"} without antialiasing: of two neighbours, however much it shrinks. */
  public static Interpolation bilinear(int from, int to) {
    Interpolation taps = new Interpolation(from, to);
    double scale = (double) from / to;
    for (int i = 0; i < to; i++) {
      double at = Math.max(0, (i + 0.5) * scale - 0.5);
      int left = Math.min((int) at, from - 1);
      taps.indices[i] = new int[] {left, Math.min(left + 1, from - 1)};
      taps.weights[i] = new double[] {1 - (at - left), at - left};
    }
    return taps;
  }

  /** {@code mode="bilinear", antialias=True}: a triangle that widens with the scale. */
  public static Interpolation antialiased(int from, int to) {
    Interpolation taps = new Interpolation(from, to);
    double scale = (double) from / to;
    double reach = Math.max(1, scale);
    for (int i = 0; i < to; i++) {
      double center = (i + 0.5) * scale;
      int first = Math.max(0, (int) (center - reach + 0.5));
      int end = Math.min(from, (int) (center + reach + 0.5));
      taps.indices[i] = new int[end - first];
      taps.weights[i] = new double[end - first];
      double sum = 0;
      for (int k = 0; k < end - first; k++) {
        taps.indices[i][k] = first + k;
        taps.weights[i][k] = Math.max(0, 1 - Math.abs((first + k + 0.5 - center) / reach));
        sum += taps.weights[i][k];
      }
      for (int k = 0; k < end - first; k++) {
        taps.weights[i][k] /= sum;
      }
    }
    return taps;
  }

  /**
   * {@code mode="bicubic"}: of four neighbours.
   *
   * @param factor what {@code scale_factor} was given as; to / from where the size was given
   */
  public static Interpolation bicubic(int from, int to, double factor) {
    Interpolation taps = new Interpolation(from, to);
    for (int i = 0; i < to; i++) {
      double at = (i + 0.5) / factor - 0.5;
      int left = (int) Math.floor(at);
      taps.indices[i] = new int[4];
      taps.weights[i] = new double[4];
      for (int k = 0; k < 4; k++) {
        int index = left - 1 + k;
        taps.indices[i][k] = Math.max(0, Math.min(from - 1, index));
        taps.weights[i][k] = cubic(Math.abs(at - index));
      }
    }
    return taps;
  }

  private static double cubic(double x) {
    return x <= 1 ? ((A + 2) * x - (A + 3)) * x * x + 1 : ((A * x - 5 * A) * x + 8 * A) * x - 4 * A;
  }

  /** Elements of the new axis. */
  public int size() {
    return indices.length;
  }

  /**
   * Interpolates rows and columns.
   *
   * @param values [height, width, channels]
   * @return [rows.size(), columns.size(), channels]
   */
  public static float[] apply(
      float[] values, int channels, Interpolation rows, Interpolation columns) {
    int width = columns.from;
    checkArgument(
        values.length == rows.from * width * channels,
        "%s values are not %s x %s x %s",
        values.length,
        rows.from,
        width,
        channels);
    int newWidth = columns.size();
    double[] narrowed = new double[rows.from * newWidth * channels];
    for (int y = 0; y < rows.from; y++) {
      for (int x = 0; x < newWidth; x++) {
        for (int k = 0; k < columns.indices[x].length; k++) {
          int source = (y * width + columns.indices[x][k]) * channels;
          int target = (y * newWidth + x) * channels;
          for (int c = 0; c < channels; c++) {
            narrowed[target + c] += columns.weights[x][k] * values[source + c];
          }
        }
      }
    }
    int line = newWidth * channels;
    float[] result = new float[rows.size() * line];
    double[] sum = new double[line];
    for (int y = 0; y < rows.size(); y++) {
      Arrays.fill(sum, 0);
      for (int k = 0; k < rows.indices[y].length; k++) {
        int source = rows.indices[y][k] * line;
        for (int i = 0; i < line; i++) {
          sum[i] += rows.weights[y][k] * narrowed[source + i];
        }
      }
      for (int i = 0; i < line; i++) {
        result[y * line + i] = (float) sum[i];
      }
    }
    return result;
  }
}
