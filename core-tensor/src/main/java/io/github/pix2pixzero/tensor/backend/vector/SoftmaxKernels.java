package io.github.pix2pixzero.tensor.backend.vector;

import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.backend.cpu.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Softmax over rows, with the row's maximum taken off first so that no exponential overflows. */
final class SoftmaxKernels {
  private static final int TASK_ELEMENTS = 8192;

  private final Workers workers;

  SoftmaxKernels(Workers workers) {
    this.workers = workers;
  }

  void softmax(int rows, int width, float[] x, float[] out) {
    int length = RowLoops.padded(width);
    workers.range(
        rows,
        grain(width),
        (from, to) -> {
          float[] row = Scratch.get().floats(0, length);
          for (int at = from * width; at < to * width; at += width) {
            System.arraycopy(x, at, row, 0, width);
            float max = max(width, length, row, 0);
            normalise(width, length, max, row, 0);
            System.arraycopy(row, 0, out, at, width);
          }
        });
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
   * The greatest element of a row of {@code width}, which is filled up to {@code length} with -∞.
   */
  static float max(int width, int length, float[] x, int at) {
    Arrays.fill(x, at + width, at + length, Float.NEGATIVE_INFINITY);
    return max(length, x, at).reduceLanes(VectorOperators.MAX);
  }

  private static FloatVector max(int length, float[] x, int at) {
    FloatVector a = FloatVector.fromArray(SPECIES, x, at);
    if (length < 4 * LANES) {
      for (int i = LANES; i < length; i += LANES) {
        a = a.max(FloatVector.fromArray(SPECIES, x, at + i));
      }
      return a;
    }
    FloatVector b = FloatVector.fromArray(SPECIES, x, at + LANES);
    FloatVector c = FloatVector.fromArray(SPECIES, x, at + 2 * LANES);
    FloatVector d = FloatVector.fromArray(SPECIES, x, at + 3 * LANES);
    for (int i = 4 * LANES; i < length; i += 4 * LANES) {
      int from = at + Math.min(i, length - 4 * LANES);
      a = a.max(FloatVector.fromArray(SPECIES, x, from));
      b = b.max(FloatVector.fromArray(SPECIES, x, from + LANES));
      c = c.max(FloatVector.fromArray(SPECIES, x, from + 2 * LANES));
      d = d.max(FloatVector.fromArray(SPECIES, x, from + 3 * LANES));
    }
    return a.max(b).max(c.max(d));
  }

  /**
   * Replaces a row by its softmax, and what fills it up to {@code length} by zeros.
   *
   * @return the sum of exp(x - max)
   */
  static float normalise(int width, int length, float max, float[] x, int at) {
    float sum = exponentials(length, max, x, at);
    scale(length, 1 / sum, x, at);
    Arrays.fill(x, at + width, at + length, 0f);
    return sum;
  }

  /**
   * {@code x = exp(x - shift)}, none of them over 1; returns the sum. The length is whole vectors.
   */
  static float exponentials(int length, float shift, float[] x, int at) {
    FloatVector shifts = FloatVector.broadcast(SPECIES, shift);
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < length; i += LANES) {
      FloatVector e =
          VectorMath.expOfNegative(FloatVector.fromArray(SPECIES, x, at + i).sub(shifts));
      e.intoArray(x, at + i);
      sum = sum.add(e);
    }
    return VectorMath.total(sum);
  }

  private static void scale(int length, float factor, float[] x, int at) {
    FloatVector factors = FloatVector.broadcast(SPECIES, factor);
    for (int i = 0; i < length; i += LANES) {
      FloatVector.fromArray(SPECIES, x, at + i).mul(factors).intoArray(x, at + i);
    }
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
    float mean = dot(width, y, yStart, gradOut, gStart);
    scaleByDifference(width, factor, y, yStart, gradOut, gStart, mean, gradX, xStart);
  }

  /** {@code out = factor · p · (g - mean)}. */
  static void scaleByDifference(
      int width,
      float factor,
      float[] p,
      int pStart,
      float[] g,
      int gStart,
      float mean,
      float[] out,
      int outStart) {
    for (int i = 0; i < width; i++) {
      out[outStart + i] = factor * p[pStart + i] * (g[gStart + i] - mean);
    }
  }

  static float dot(int width, float[] a, int aStart, float[] b, int bStart) {
    int whole = RowLoops.whole(width);
    FloatVector sums = FloatVector.zero(SPECIES);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, a, aStart + i);
      sums = v.fma(FloatVector.fromArray(SPECIES, b, bStart + i), sums);
    }
    float sum = VectorMath.total(sums);
    for (int i = whole; i < width; i++) {
      sum += a[aStart + i] * b[bStart + i];
    }
    return sum;
  }

  private static int grain(int width) {
    return Math.max(1, TASK_ELEMENTS / width);
  }
}
