package io.github.pix2pixzero.tensor.internal.cpu;

/**
 * The squared distance of two tensors. It is cut into parts whose bounds depend on the size alone,
 * and summed in double precision.
 */
final class DistanceKernels {
  private static final int PART = 8192;

  private final Workers workers;

  DistanceKernels(Workers workers) {
    this.workers = workers;
  }

  void squaredDistance(int size, float weight, float[] a, float[] b, float[] out) {
    int parts = MatmulKernels.divideUp(size, PART);
    double[] sums = new double[parts];
    workers.range(
        parts,
        1,
        (from, to) -> {
          for (int part = from; part < to; part++) {
            sums[part] = sum(a, b, part * PART, Math.min(size, (part + 1) * PART));
          }
        });
    double sum = 0;
    for (double part : sums) {
      sum += part;
    }
    out[0] = (float) (weight * sum);
  }

  private static double sum(float[] a, float[] b, int from, int to) {
    double even = 0;
    double odd = 0;
    int i = from;
    for (; i + 1 < to; i += 2) {
      double first = (double) a[i] - b[i];
      double second = (double) a[i + 1] - b[i + 1];
      even += first * first;
      odd += second * second;
    }
    if (i < to) {
      double last = (double) a[i] - b[i];
      even += last * last;
    }
    return even + odd;
  }

  void backward(int size, float weight, float[] a, float[] b, float[] gradOut, float[] gradA) {
    float factor = 2 * weight * gradOut[0];
    workers.range(
        size,
        PART,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            gradA[i] = factor * (a[i] - b[i]);
          }
        });
  }
}
