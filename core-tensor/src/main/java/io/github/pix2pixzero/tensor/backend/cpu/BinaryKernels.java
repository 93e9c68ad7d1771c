package io.github.pix2pixzero.tensor.backend.cpu;

import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.BroadcastSpec;

/** Arithmetic of two tensors with broadcasting. */
final class BinaryKernels {
  private final Workers workers;

  BinaryKernels(Workers workers) {
    this.workers = workers;
  }

  void binary(Binary f, BroadcastSpec spec, float[] a, float[] b, float[] out) {
    Walk walk = new Walk(spec.shape(), spec.aStrides(), spec.bStrides());
    int aStride = walk.aStride();
    int bStride = walk.bStride();
    walk.forEachRun(
        workers,
        (aStart, bStart, start, length) -> {
          if (aStride == 1 && bStride == 1) {
            both(f, length, a, aStart, b, bStart, out, start);
          } else if (aStride == 1 && bStride == 0) {
            constantRight(f, length, a, aStart, b[bStart], out, start);
          } else {
            strided(f, length, a, aStart, aStride, b, bStart, bStride, out, start);
          }
        });
  }

  private static void both(
      Binary f, int length, float[] a, int aStart, float[] b, int bStart, float[] out, int start) {
    switch (f) {
      case ADD -> {
        for (int i = 0; i < length; i++) {
          out[start + i] = a[aStart + i] + b[bStart + i];
        }
      }
      case SUB -> {
        for (int i = 0; i < length; i++) {
          out[start + i] = a[aStart + i] - b[bStart + i];
        }
      }
      case MUL -> {
        for (int i = 0; i < length; i++) {
          out[start + i] = a[aStart + i] * b[bStart + i];
        }
      }
      case DIV -> {
        for (int i = 0; i < length; i++) {
          out[start + i] = a[aStart + i] / b[bStart + i];
        }
      }
    }
  }

  private static void constantRight(
      Binary f, int length, float[] a, int aStart, float b, float[] out, int start) {
    switch (f) {
      case ADD -> {
        for (int i = 0; i < length; i++) {
          out[start + i] = a[aStart + i] + b;
        }
      }
      case SUB -> {
        for (int i = 0; i < length; i++) {
          out[start + i] = a[aStart + i] - b;
        }
      }
      case MUL -> {
        for (int i = 0; i < length; i++) {
          out[start + i] = a[aStart + i] * b;
        }
      }
      case DIV -> {
        for (int i = 0; i < length; i++) {
          out[start + i] = a[aStart + i] / b;
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
      int start) {
    for (int i = 0; i < length; i++) {
      float left = a[aStart + i * aStride];
      float right = b[bStart + i * bStride];
      out[start + i] =
          switch (f) {
            case ADD -> left + right;
            case SUB -> left - right;
            case MUL -> left * right;
            case DIV -> left / right;
          };
    }
  }
}
