package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.StridedSpec;
import java.util.Arrays;

/** Kernels that move elements. */
final class MovementKernels {
  private static final int TASK_ELEMENTS = 16384;

  private final Workers workers;

  MovementKernels(Workers workers) {
    this.workers = workers;
  }

  void copy(StridedSpec spec, float[] source, float[] target) {
    Walk walk = new Walk(spec.shape(), spec.sourceStrides(), spec.targetStrides()).alongLongAxis();
    int sourceStride = walk.aStride();
    int targetStride = walk.bStride();
    walk.forEachRun(
        workers,
        (a, b, index, length) -> {
          int from = spec.sourceOffset() + a;
          int to = spec.targetOffset() + b;
          if (sourceStride == 1 && targetStride == 1) {
            System.arraycopy(source, from, target, to, length);
          } else if (sourceStride == 0 && targetStride == 1) {
            Arrays.fill(target, to, to + length, source[from]);
          } else {
            for (int i = 0; i < length; i++) {
              target[to + i * targetStride] = source[from + i * sourceStride];
            }
          }
        });
  }

  void gather(int[] rows, int width, Elements table, float[] out) {
    for (int i = 0; i < rows.length; i++) {
      table.copy(rows[i] * width, out, i * width, width);
    }
  }

  /** Threads share the columns, so that every row adds up in the order of the sources. */
  void scatterAdd(int[] rows, int width, float[] source, float[] target) {
    workers.range(
        width,
        Math.max(1, Math.min(width, TASK_ELEMENTS / rows.length)),
        (from, to) -> {
          for (int i = 0; i < rows.length; i++) {
            int start = i * width;
            int at = rows[i] * width;
            for (int c = from; c < to; c++) {
              target[at + c] += source[start + c];
            }
          }
        });
  }

  void upsampleNearest(
      int batch, int height, int width, int channels, int factor, float[] x, float[] out) {
    int outRow = width * factor * channels;
    workers.range(
        batch * height,
        Math.max(1, TASK_ELEMENTS / (outRow * factor)),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int start = row * factor * outRow;
            for (int pixel = 0; pixel < width * factor; pixel++) {
              int source = (row * width + pixel / factor) * channels;
              System.arraycopy(x, source, out, start + pixel * channels, channels);
            }
            for (int copy = 1; copy < factor; copy++) {
              System.arraycopy(out, start, out, start + copy * outRow, outRow);
            }
          }
        });
  }

  void upsampleNearestBackward(
      int batch, int height, int width, int channels, int factor, float[] gradOut, float[] gradX) {
    int outRow = width * factor * channels;
    workers.range(
        batch * height,
        Math.max(1, TASK_ELEMENTS / (outRow * factor)),
        (from, to) -> {
          Arrays.fill(gradX, from * width * channels, to * width * channels, 0f);
          for (int row = from * factor; row < to * factor; row++) {
            for (int pixel = 0; pixel < width * factor; pixel++) {
              int source = row * outRow + pixel * channels;
              int target = (row / factor * width + pixel / factor) * channels;
              for (int c = 0; c < channels; c++) {
                gradX[target + c] += gradOut[source + c];
              }
            }
          }
        });
  }
}
