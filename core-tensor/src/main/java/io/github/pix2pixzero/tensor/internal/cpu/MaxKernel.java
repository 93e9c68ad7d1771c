package io.github.pix2pixzero.tensor.internal.cpu;

/** The largest elements along the middle axis of [outer, reduced, inner]. */
final class MaxKernel {
  private static final int TASK_ELEMENTS = 32768;
  private static final int INNER_BLOCK = 1024;

  private final Workers workers;

  MaxKernel(Workers workers) {
    this.workers = workers;
  }

  void max(int outer, int reduced, int inner, float[] x, float[] out) {
    int block = Math.min(inner, INNER_BLOCK);
    int blocks = MatmulKernels.divideUp(inner, block);
    workers.range(
        outer * blocks,
        Math.max(1, TASK_ELEMENTS / reduced / block),
        (from, to) -> {
          for (int task = from; task < to; task++) {
            int o = task / blocks;
            int i = task % blocks * block;
            int width = Math.min(block, inner - i);
            if (inner == 1) {
              out[o] = max(reduced, x, o * reduced);
            } else {
              System.arraycopy(x, o * reduced * inner + i, out, o * inner + i, width);
              for (int r = 1; r < reduced; r++) {
                raise(width, x, (o * reduced + r) * inner + i, out, o * inner + i);
              }
            }
          }
        });
  }

  private static float max(int length, float[] x, int start) {
    float max = x[start];
    for (int i = 1; i < length; i++) {
      max = Math.max(max, x[start + i]);
    }
    return max;
  }

  private static void raise(int width, float[] x, int start, float[] out, int at) {
    for (int i = 0; i < width; i++) {
      out[at + i] = Math.max(out[at + i], x[start + i]);
    }
  }
}
