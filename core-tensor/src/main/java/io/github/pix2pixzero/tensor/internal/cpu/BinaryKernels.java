package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.BroadcastSpec;

/**
 * Arithmetic of two tensors with broadcasting. The two common cases have loops of their own in
 * which all arrays share one index, as the JIT compiler wants it for vector instructions.
 */
final class BinaryKernels {
  private final Workers workers;

  BinaryKernels(Workers workers) {
    this.workers = workers;
  }

  void binary(Binary f, BroadcastSpec spec, float[] a, float[] b, float[] out) {
    Walk walk = new Walk(spec.shape(), spec.aStrides(), spec.bStrides()).alongLongAxis();
    int aStride = walk.aStride();
    int bStride = walk.bStride();
    int stride = walk.indexStride();
    walk.forEachRun(
        workers,
        (aStart, bStart, start, length) -> {
          boolean straight = aStride == 1 && stride == 1 && aStart == start;
          if (straight && bStride == 1 && bStart == start) {
            abreast(f, start, start + length, a, b, out);
          } else if (straight && bStride == 0) {
            constantRight(f, start, start + length, a, b[bStart], out);
          } else {
            strided(f, length, a, aStart, aStride, b, bStart, bStride, out, start, stride);
          }
        });
  }

  private static void abreast(Binary f, int from, int to, float[] a, float[] b, float[] out) {
    switch (f) {
      case ADD -> {
        for (int i = from; i < to; i++) {
          out[i] = a[i] + b[i];
        }
      }
      case SUB -> {
        for (int i = from; i < to; i++) {
          out[i] = a[i] - b[i];
        }
      }
      case MUL -> {
        for (int i = from; i < to; i++) {
          out[i] = a[i] * b[i];
        }
      }
      case DIV -> {
        for (int i = from; i < to; i++) {
          out[i] = a[i] / b[i];
        }
      }
      case MAX -> {
        for (int i = from; i < to; i++) {
          out[i] = Math.max(a[i], b[i]);
        }
      }
      case MIN -> {
        for (int i = from; i < to; i++) {
          out[i] = Math.min(a[i], b[i]);
        }
      }
      case EQUAL -> {
        for (int i = from; i < to; i++) {
          out[i] = a[i] == b[i] ? 1f : 0f;
        }
      }
    }
  }

  private static void constantRight(Binary f, int from, int to, float[] a, float b, float[] out) {
    switch (f) {
      case ADD -> {
        for (int i = from; i < to; i++) {
          out[i] = a[i] + b;
        }
      }
      case SUB -> {
        for (int i = from; i < to; i++) {
          out[i] = a[i] - b;
        }
      }
      case MUL -> {
        for (int i = from; i < to; i++) {
          out[i] = a[i] * b;
        }
      }
      case DIV -> {
        for (int i = from; i < to; i++) {
          out[i] = a[i] / b;
        }
      }
      case MAX -> {
        for (int i = from; i < to; i++) {
          out[i] = Math.max(a[i], b);
        }
      }
      case MIN -> {
        for (int i = from; i < to; i++) {
          out[i] = Math.min(a[i], b);
        }
      }
      case EQUAL -> {
        for (int i = from; i < to; i++) {
          out[i] = a[i] == b ? 1f : 0f;
        }
      }
    }
  }

  private static void strided(
      Binary f,
      int length,
      float[] a,
      int aStart,
      int aStride,
      float[] b,
      int bStart,
      int bStride,
      float[] out,
      int start,
      int stride) {
    for (int i = 0; i < length; i++) {
      float left = a[aStart + i * aStride];
      float right = b[bStart + i * bStride];
      out[start + i * stride] =
          switch (f) {
            case ADD -> left + right;
            case SUB -> left - right;
            case MUL -> left * right;
            case DIV -> left / right;
            case MAX -> Math.max(left, right);
            case MIN -> Math.min(left, right);
            case EQUAL -> left == right ? 1f : 0f;
          };
    }
  }
}
