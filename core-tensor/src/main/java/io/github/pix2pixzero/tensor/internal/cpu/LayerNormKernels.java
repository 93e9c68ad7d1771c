package io.github.pix2pixzero.tensor.internal.cpu;

/** Layer normalisation (Ba et al., 2016). Sums are taken in double precision. */
final class LayerNormKernels {
  private static final int TASK_ELEMENTS = 16384;

  private final Workers workers;

  LayerNormKernels(Workers workers) {
    this.workers = workers;
  }

  void forward(
      int rows,
      int width,
      float epsilon,
      float[] x,
      float[] gamma,
      float[] beta,
      float[] out,
      float[] stats) {
    workers.range(
        rows,
        grain(width),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int start = row * width;
            double sum = 0;
            for (int i = start; i < start + width; i++) {
              sum += x[i];
            }
            double mean = sum / width;
            double squares = 0;
            for (int i = start; i < start + width; i++) {
              double d = x[i] - mean;
              squares += d * d;
            }
            float m = (float) mean;
            float r = (float) (1 / Math.sqrt(squares / width + epsilon));
            for (int i = 0; i < width; i++) {
              out[start + i] = (x[start + i] - m) * r * gamma[i] + beta[i];
            }
            stats[2 * row] = m;
            stats[2 * row + 1] = r;
          }
        });
  }

  /**
   * With x̂ the normalised row, g the incoming gradient times gamma and r = 1 / √(variance + ε):
   * {@code gradX = r · (g - mean(g) - x̂ · mean(g · x̂))}.
   */
  void backward(
      int rows,
      int width,
      float[] x,
      float[] gamma,
      float[] stats,
      float[] gradOut,
      float[] gradX,
      float[] gradGamma,
      float[] gradBeta) {
    int grain = grain(width);
    int tasks = MatmulKernels.divideUp(rows, grain);
    double[] partial = new double[gradGamma == null ? 0 : tasks * 2 * width];
    workers.range(
        rows,
        grain,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            inputGradient(width, row, x, gamma, stats, gradOut, gradX);
            if (gradGamma != null) {
              int at = from / grain * 2 * width;
              addParameterGradients(width, row, x, stats, gradOut, partial, at);
            }
          }
        });
    if (gradGamma != null) {
      for (int i = 0; i < width; i++) {
        double g = 0;
        double b = 0;
        for (int task = 0; task < tasks; task++) {
          g += partial[task * 2 * width + i];
          b += partial[task * 2 * width + width + i];
        }
        gradGamma[i] = (float) g;
        gradBeta[i] = (float) b;
      }
    }
  }

  private static void inputGradient(
      int width, int row, float[] x, float[] gamma, float[] stats, float[] gradOut, float[] gradX) {
    int start = row * width;
    float m = stats[2 * row];
    float r = stats[2 * row + 1];
    double sum = 0;
    double product = 0;
    for (int i = 0; i < width; i++) {
      double g = gradOut[start + i] * gamma[i];
      sum += g;
      product += g * ((x[start + i] - m) * r);
    }
    float meanG = (float) (sum / width);
    float meanProduct = (float) (product / width);
    for (int i = 0; i < width; i++) {
      float normal = (x[start + i] - m) * r;
      gradX[start + i] = r * (gradOut[start + i] * gamma[i] - meanG - normal * meanProduct);
    }
  }

  private static void addParameterGradients(
      int width, int row, float[] x, float[] stats, float[] gradOut, double[] partial, int at) {
    int start = row * width;
    float m = stats[2 * row];
    float r = stats[2 * row + 1];
    for (int i = 0; i < width; i++) {
      partial[at + i] += gradOut[start + i] * ((x[start + i] - m) * r);
      partial[at + width + i] += gradOut[start + i];
    }
  }

  private static int grain(int width) {
    return Math.max(1, TASK_ELEMENTS / width);
  }
}
