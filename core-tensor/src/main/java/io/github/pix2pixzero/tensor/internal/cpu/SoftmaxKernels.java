package io.github.pix2pixzero.tensor.internal.cpu;

/** Softmax over rows, with the row's maximum taken off first so that no exponential overflows. */
final class SoftmaxKernels {
  private static final int TASK_ELEMENTS = 8192;

  private final Workers workers;

  SoftmaxKernels(Workers workers) {
    this.workers = workers;
  }

  void softmax(int rows, int width, float[] x, float[] out) {
    workers.range(
        rows,
        grain(width),
        (from, to) -> {
          System.arraycopy(x, from * width, out, from * width, (to - from) * width);
          for (int row = from; row < to; row++) {
            normalise(width, out, row * width);
          }
        });
  }

  /**
   * Replaces a row by its softmax.
   *
   * @return the logarithm of the sum of the exponentials
   */
  static float normalise(int width, float[] x, int start) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = start; i < start + width; i++) {
      max = Math.max(max, x[i]);
    }
    double sum = 0;
    for (int i = start; i < start + width; i++) {
      double e = Math.exp(x[i] - max);
      x[i] = (float) e;
      sum += e;
    }
    float inverse = (float) (1 / sum);
    for (int i = start; i < start + width; i++) {
      x[i] *= inverse;
    }
    return (float) (max + Math.log(sum));
  }

  void backward(int rows, int width, float[] y, float[] gradOut, float[] gradX) {
    workers.range(
        rows,
        grain(width),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int start = row * width;
            backward(width, 1f, y, start, gradOut, start, gradX, start);
          }
        });
  }

  /**
   * {@code gradX = factor · y · (gradOut - Σ gradOut · y)} of one row; {@code gradX} may be {@code
   * gradOut}.
   */
  static void backward(
      int width,
      float factor,
      float[] y,
      int yStart,
      float[] gradOut,
      int gStart,
      float[] gradX,
      int xStart) {
    float mean = (float) dot(width, y, yStart, gradOut, gStart);
    for (int i = 0; i < width; i++) {
      gradX[xStart + i] = factor * y[yStart + i] * (gradOut[gStart + i] - mean);
    }
  }

  static double dot(int width, float[] a, int aStart, float[] b, int bStart) {
    double sum = 0;
    for (int i = 0; i < width; i++) {
      sum += (double) a[aStart + i] * b[bStart + i];
    }
    return sum;
  }

  private static int grain(int width) {
    return Math.max(1, TASK_ELEMENTS / width);
  }
}
