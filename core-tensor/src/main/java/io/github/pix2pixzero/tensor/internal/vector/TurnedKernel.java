package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost loop of {@code Aᵀ · B} for a B of few columns, which would not make up for turning
 * A first: as {@link MicroKernel}, and written as it is, but the elements of A that meet a row of B
 * lie side by side.
 */
final class TurnedKernel {
  /** Rows of a tile. */
  static final int ROWS = MicroKernel.MAX_ROWS;

  private TurnedKernel() {}

  /**
   * Adds a tile of one vector's width to what is there, or to zeros.
   *
   * @param count rows of the result, up to {@link #ROWS}
   * @param a of which {@link #ROWS} elements are read at every depth, however few rows there are
   * @param depths where the elements of each depth begin, counted from {@code aStart}
   * @param bStride from one depth to the next
   */
  static void tile(
      int count,
      int depth,
      float[] a,
      int aStart,
      int[] depths,
      float[] b,
      int bStart,
      int bStride,
      boolean accumulate,
      float[] out,
      int outStart,
      int outStride) {
    FloatVector c0 = FloatVector.zero(SPECIES);
    FloatVector c1 = FloatVector.zero(SPECIES);
    FloatVector c2 = FloatVector.zero(SPECIES);
    FloatVector c3 = FloatVector.zero(SPECIES);
    FloatVector c4 = FloatVector.zero(SPECIES);
    FloatVector c5 = FloatVector.zero(SPECIES);
    FloatVector c6 = FloatVector.zero(SPECIES);
    FloatVector c7 = FloatVector.zero(SPECIES);
    FloatVector c8 = FloatVector.zero(SPECIES);
    FloatVector c9 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    for (int k = 0, at = bStart; k < depth; k++, at += bStride) {
      int from = aStart + depths[k];
      FloatVector row = FloatVector.fromArray(SPECIES, b, at);
      c0 = FloatVector.broadcast(SPECIES, a[from]).fma(row, c0);
      c1 = FloatVector.broadcast(SPECIES, a[from + 1]).fma(row, c1);
      c2 = FloatVector.broadcast(SPECIES, a[from + 2]).fma(row, c2);
      c3 = FloatVector.broadcast(SPECIES, a[from + 3]).fma(row, c3);
      c4 = FloatVector.broadcast(SPECIES, a[from + 4]).fma(row, c4);
      c5 = FloatVector.broadcast(SPECIES, a[from + 5]).fma(row, c5);
      c6 = FloatVector.broadcast(SPECIES, a[from + 6]).fma(row, c6);
      c7 = FloatVector.broadcast(SPECIES, a[from + 7]).fma(row, c7);
      c8 = FloatVector.broadcast(SPECIES, a[from + 8]).fma(row, c8);
      c9 = FloatVector.broadcast(SPECIES, a[from + 9]).fma(row, c9);
      c10 = FloatVector.broadcast(SPECIES, a[from + 10]).fma(row, c10);
      c11 = FloatVector.broadcast(SPECIES, a[from + 11]).fma(row, c11);
    }
    int end = outStart + (count - 1) * outStride;
    int r1 = Math.min(outStart + outStride, end);
    int r2 = Math.min(outStart + 2 * outStride, end);
    int r3 = Math.min(outStart + 3 * outStride, end);
    int r4 = Math.min(outStart + 4 * outStride, end);
    int r5 = Math.min(outStart + 5 * outStride, end);
    int r6 = Math.min(outStart + 6 * outStride, end);
    int r7 = Math.min(outStart + 7 * outStride, end);
    int r8 = Math.min(outStart + 8 * outStride, end);
    int r9 = Math.min(outStart + 9 * outStride, end);
    int r10 = Math.min(outStart + 10 * outStride, end);
    int r11 = Math.min(outStart + 11 * outStride, end);
    if (accumulate) {
      c0 = c0.add(FloatVector.fromArray(SPECIES, out, outStart));
      c1 = c1.add(FloatVector.fromArray(SPECIES, out, r1));
      c2 = c2.add(FloatVector.fromArray(SPECIES, out, r2));
      c3 = c3.add(FloatVector.fromArray(SPECIES, out, r3));
      c4 = c4.add(FloatVector.fromArray(SPECIES, out, r4));
      c5 = c5.add(FloatVector.fromArray(SPECIES, out, r5));
      c6 = c6.add(FloatVector.fromArray(SPECIES, out, r6));
      c7 = c7.add(FloatVector.fromArray(SPECIES, out, r7));
      c8 = c8.add(FloatVector.fromArray(SPECIES, out, r8));
      c9 = c9.add(FloatVector.fromArray(SPECIES, out, r9));
      c10 = c10.add(FloatVector.fromArray(SPECIES, out, r10));
      c11 = c11.add(FloatVector.fromArray(SPECIES, out, r11));
    }
    // From the last on: what stands for rows that there are none of is written over.
    c11.intoArray(out, r11);
    c10.intoArray(out, r10);
    c9.intoArray(out, r9);
    c8.intoArray(out, r8);
    c7.intoArray(out, r7);
    c6.intoArray(out, r6);
    c5.intoArray(out, r5);
    c4.intoArray(out, r4);
    c3.intoArray(out, r3);
    c2.intoArray(out, r2);
    c1.intoArray(out, r1);
    c0.intoArray(out, outStart);
  }
}
