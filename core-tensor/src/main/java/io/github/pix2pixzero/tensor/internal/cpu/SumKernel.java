package io.github.pix2pixzero.tensor.internal.cpu;

/**
 * Sums over the middle axis of [outer, reduced, inner]. Long sums are cut into parts whose bounds
 * depend on the extents alone; parts are summed in double precision.
 */
final class SumKernel {
  private static final int TASK_ELEMENTS = 32768;
  private static final int INNER_BLOCK = 1024;

  private final Workers workers;

  SumKernel(Workers workers) {
    this.workers = workers;
  }

  void sum(int outer, int reduced, int inner, float[] x, float[] out) {
    int block = Math.min(inner, INNER_BLOCK);
    int blocks = MatmulKernels.divideUp(inner, block);
    int depth = Math.min(reduced, Math.max(1, TASK_ELEMENTS / block));
    int parts = MatmulKernels.divideUp(reduced, depth);
    double[] sums = new double[parts * outer * inner];
    int tasks = outer * blocks * parts;
    workers.range(
        tasks,
        Math.max(1, TASK_ELEMENTS / (block * depth)),
        (from, to) -> {
          for (int task = from; task < to; task++) {
            int o = task / parts / blocks;
            int i = task / parts % blocks * block;
            int r = task % parts * depth;
            int width = Math.min(block, inner - i);
            int end = Math.min(reduced, r + depth);
            int at = (task % parts * outer + o) * inner + i;
            if (inner == 1) {
              sums[at] = sum(x, o * reduced + r, o * reduced + end);
            } else {
              for (; r < end; r++) {
                add(width, x, (o * reduced + r) * inner + i, sums, at);
              }
            }
          }
        });
    for (int i = 0; i < outer * inner; i++) {
      double sum = 0;
      for (int part = 0; part < parts; part++) {
        sum += sums[part * outer * inner + i];
      }
      out[i] = (float) sum;
    }
  }

  private static double sum(float[] x, int from, int to) {
    double even = 0;
    double odd = 0;
    int i = from;
    for (; i + 1 < to; i += 2) {
      even += x[i];
      odd += x[i + 1];
    }
    return i < to ? even + odd + x[i] : even + odd;
  }

  private static void add(int width, float[] x, int start, double[] sums, int at) {
    for (int i = 0; i < width; i++) {
      sums[at + i] += x[start + i];
    }
  }
}
