package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax over rows, with the row's maximum taken off first so that no exponential overflows.
 *
 * <p>A row is whole vectors and one that ends where the row does. That one overlaps the one before:
 * it is read before the others are written, and written after them.
 */
final class SoftmaxKernels {
  private static final int TASK_ELEMENTS = 8192;

  /** From element r on: a vector whose last r lanes are 1 and the others 0. */
  private static final float[] LAST_LANES = new float[2 * LANES];

  static {
    Arrays.fill(LAST_LANES, LANES, 2 * LANES, 1f);
  }

  private final Workers workers;

  SoftmaxKernels(Workers workers) {
    this.workers = workers;
  }

  void softmax(int rows, int width, float[] x, float[] out) {
    workers.range(
        rows,
        grain(width),
        (from, to) -> {
          for (int at = from * width; at < to * width; at += width) {
            softmax(width, x, at, out, at);
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

  /** The softmax of one row; {@code out} may be {@code x}. */
  static void softmax(int width, float[] x, int xStart, float[] out, int outStart) {
    if (width >= LANES) {
      float max = max(width, x, xStart);
      float sum = exponentials(width, max, x, xStart, out, outStart);
      scale(width, 1 / sum, out, outStart);
      return;
    }
    float[] row = Scratch.get().tile;
    System.arraycopy(x, xStart, row, 0, width);
    Arrays.fill(row, width, LANES, Float.NEGATIVE_INFINITY);
    float max = max(LANES, row, 0);
    exponentials(LANES, max, row, 0, row, 0);
    float sum = 0;
    for (int i = 0; i < width; i++) {
      sum += row[i];
    }
    scale(LANES, 1 / sum, row, 0);
    System.arraycopy(row, 0, out, outStart, width);
  }

  private static float max(int width, float[] x, int at) {
    FloatVector most = FloatVector.fromArray(SPECIES, x, at + width - LANES);
    for (int i = 0; i < width - LANES; i += LANES) {
      most = most.max(FloatVector.fromArray(SPECIES, x, at + i));
    }
    return most.reduceLanes(VectorOperators.MAX);
  }

  /** {@code out = exp(x - shift)}, none of them over 1; returns the sum. */
  private static float exponentials(
      int width, float shift, float[] x, int xStart, float[] out, int outStart) {
    int whole = RowLoops.whole(width);
    int last = width - LANES;
    FloatVector shifts = FloatVector.broadcast(SPECIES, shift);
    FloatVector tail =
        VectorMath.expOfNegative(FloatVector.fromArray(SPECIES, x, xStart + last).sub(shifts));
    FloatVector sum = tail.mul(FloatVector.fromArray(SPECIES, LAST_LANES, width - whole));
    for (int i = 0; i < whole; i += LANES) {
      FloatVector e =
          VectorMath.expOfNegative(FloatVector.fromArray(SPECIES, x, xStart + i).sub(shifts));
      e.intoArray(out, outStart + i);
      sum = sum.add(e);
    }
    tail.intoArray(out, outStart + last);
    return VectorMath.total(sum);
  }

  private static void scale(int width, float factor, float[] x, int at) {
    FloatVector factors = FloatVector.broadcast(SPECIES, factor);
    FloatVector tail = FloatVector.fromArray(SPECIES, x, at + width - LANES).mul(factors);
    for (int i = 0; i < width - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, at + i).mul(factors).intoArray(x, at + i);
    }
    tail.intoArray(x, at + width - LANES);
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
    if (width >= LANES) {
      scaleByDifference(width, factor, y, yStart, gradOut, gStart, mean, gradX, xStart);
      return;
    }
    for (int i = 0; i < width; i++) {
      gradX[xStart + i] = factor * y[yStart + i] * (gradOut[gStart + i] - mean);
    }
  }

  /** {@code out = factor · p · (g - mean)}. */
  private static void scaleByDifference(
      int width,
      float factor,
      float[] p,
      int pStart,
      float[] g,
      int gStart,
      float mean,
      float[] out,
      int outStart) {
    int last = width - LANES;
    FloatVector factors = FloatVector.broadcast(SPECIES, factor);
    FloatVector means = FloatVector.broadcast(SPECIES, mean);
    FloatVector tail =
        FloatVector.fromArray(SPECIES, g, gStart + last)
            .sub(means)
            .mul(FloatVector.fromArray(SPECIES, p, pStart + last))
            .mul(factors);
    for (int i = 0; i < last; i += LANES) {
      FloatVector.fromArray(SPECIES, g, gStart + i)
          .sub(means)
          .mul(FloatVector.fromArray(SPECIES, p, pStart + i))
          .mul(factors)
          .intoArray(out, outStart + i);
    }
    tail.intoArray(out, outStart + last);
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
