package io.github.pix2pixzero.tensor.backend.vector;

import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.backend.cpu.Workers;
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
    workers.range(
        rows,
        grain(width),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            normalise(width, x, row * width, out, row * width);
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
   * The softmax of one row; {@code out} may be {@code x}.
   *
   * @return the logarithm of the sum of the exponentials
   */
  static float normalise(int width, float[] x, int from, float[] out, int to) {
    float max = max(width, x, from);
    float sum = exponentials(width, x, from, max, out, to);
    float inverse = 1 / sum;
    for (int i = to; i < to + width; i++) {
      out[i] *= inverse;
    }
    return (float) (max + Math.log(sum));
  }

  private static float max(int width, float[] x, int from) {
    int whole = RowLoops.whole(width);
    FloatVector most = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < whole; i += LANES) {
      most = most.max(FloatVector.fromArray(SPECIES, x, from + i));
    }
    float max = most.reduceLanes(VectorOperators.MAX);
    for (int i = whole; i < width; i++) {
      max = Math.max(max, x[from + i]);
    }
    return max;
  }

  /** {@code out = exp(x - shift)}; returns the sum of the row. */
  static float exponentials(int width, float[] x, int from, float shift, float[] out, int to) {
    int whole = RowLoops.whole(width);
    float sum = wholeExponentials(whole, x, from, shift, out, to);
    if (whole < width) {
      float[] tail = Scratch.get().tile;
      RowLoops.load(width - whole, x, from + whole, tail, 0, Float.NEGATIVE_INFINITY);
      sum += wholeExponentials(LANES, tail, 0, shift, tail, 0);
      System.arraycopy(tail, 0, out, to + whole, width - whole);
    }
    return sum;
  }

  private static float wholeExponentials(
      int length, float[] x, int from, float shift, float[] out, int to) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < length; i += LANES) {
      FloatVector e =
          VectorMath.expOfNegative(FloatVector.fromArray(SPECIES, x, from + i).sub(shift));
      e.intoArray(out, to + i);
      sum = sum.add(e);
    }
    return VectorMath.total(sum);
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
