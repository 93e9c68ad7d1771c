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
   * Computes a tile of one vector's width.
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
      float[] base,
      int baseStart,
      int baseStride,
      float[] out,
      int outStart,
      int outStride) {
    int most = count - 1;
    int n1 = Math.min(1, most);
    int n2 = Math.min(2, most);
    int n3 = Math.min(3, most);
    int n4 = Math.min(4, most);
    int n5 = Math.min(5, most);
    int n6 = Math.min(6, most);
    int n7 = Math.min(7, most);
    int n8 = Math.min(8, most);
    int n9 = Math.min(9, most);
    int n10 = Math.min(10, most);
    int n11 = Math.min(11, most);
    FloatVector c0 = FloatVector.fromArray(SPECIES, base, baseStart);
    FloatVector c1 = FloatVector.fromArray(SPECIES, base, baseStart + n1 * baseStride);
    FloatVector c2 = FloatVector.fromArray(SPECIES, base, baseStart + n2 * baseStride);
    FloatVector c3 = FloatVector.fromArray(SPECIES, base, baseStart + n3 * baseStride);
    FloatVector c4 = FloatVector.fromArray(SPECIES, base, baseStart + n4 * baseStride);
    FloatVector c5 = FloatVector.fromArray(SPECIES, base, baseStart + n5 * baseStride);
    FloatVector c6 = FloatVector.fromArray(SPECIES, base, baseStart + n6 * baseStride);
    FloatVector c7 = FloatVector.fromArray(SPECIES, base, baseStart + n7 * baseStride);
    FloatVector c8 = FloatVector.fromArray(SPECIES, base, baseStart + n8 * baseStride);
    FloatVector c9 = FloatVector.fromArray(SPECIES, base, baseStart + n9 * baseStride);
    FloatVector c10 = FloatVector.fromArray(SPECIES, base, baseStart + n10 * baseStride);
    FloatVector c11 = FloatVector.fromArray(SPECIES, base, baseStart + n11 * baseStride);
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
    // From the last on: what stands for rows that there are none of is written over.
    c11.intoArray(out, outStart + n11 * outStride);
    c10.intoArray(out, outStart + n10 * outStride);
    c9.intoArray(out, outStart + n9 * outStride);
    c8.intoArray(out, outStart + n8 * outStride);
    c7.intoArray(out, outStart + n7 * outStride);
    c6.intoArray(out, outStart + n6 * outStride);
    c5.intoArray(out, outStart + n5 * outStride);
    c4.intoArray(out, outStart + n4 * outStride);
    c3.intoArray(out, outStart + n3 * outStride);
    c2.intoArray(out, outStart + n2 * outStride);
    c1.intoArray(out, outStart + n1 * outStride);
    c0.intoArray(out, outStart);
  }
}
