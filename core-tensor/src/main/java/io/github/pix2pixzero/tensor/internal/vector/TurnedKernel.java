package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.WIDTH;

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

  /** Columns of the tile that is taken of a panel, of which {@code width} are left. */
  static int tileWidth(int width) {
    return MicroKernel.MANY_REGISTERS ? width : LANES;
  }

  /**
   * Computes a tile.
   *
   * @param width what {@link #tileWidth} said
   * @param count rows of the result, up to {@link #ROWS}
   * @param a of which {@link #ROWS} elements are read at every depth, however few rows there are
   * @param depths where the elements of each depth begin, counted from {@code aStart}
   * @param bStride from one depth to the next
   */
  static void tile(
      int width,
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
    if (width == LANES) {
      tile12x1(
          count,
          depth,
          a,
          aStart,
          depths,
          b,
          bStart,
          bStride,
          base,
          baseStart,
          baseStride,
          out,
          outStart,
          outStride);
    } else {
      tile12x2(
          count,
          depth,
          a,
          aStart,
          depths,
          b,
          bStart,
          base,
          baseStart,
          baseStride,
          out,
          outStart,
          outStride);
    }
  }

  /** The tile of one vector. */
  private static void tile12x1(
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

  /** The tile of two vectors, which needs the 32 registers of AVX-512. */
  private static void tile12x2(
      int count,
      int depth,
      float[] a,
      int aStart,
      int[] depths,
      float[] b,
      int bStart,
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
    FloatVector c0a = FloatVector.fromArray(SPECIES, base, baseStart);
    FloatVector c0b = FloatVector.fromArray(SPECIES, base, baseStart + LANES);
    FloatVector c1a = FloatVector.fromArray(SPECIES, base, baseStart + n1 * baseStride);
    FloatVector c1b = FloatVector.fromArray(SPECIES, base, baseStart + n1 * baseStride + LANES);
    FloatVector c2a = FloatVector.fromArray(SPECIES, base, baseStart + n2 * baseStride);
    FloatVector c2b = FloatVector.fromArray(SPECIES, base, baseStart + n2 * baseStride + LANES);
    FloatVector c3a = FloatVector.fromArray(SPECIES, base, baseStart + n3 * baseStride);
    FloatVector c3b = FloatVector.fromArray(SPECIES, base, baseStart + n3 * baseStride + LANES);
    FloatVector c4a = FloatVector.fromArray(SPECIES, base, baseStart + n4 * baseStride);
    FloatVector c4b = FloatVector.fromArray(SPECIES, base, baseStart + n4 * baseStride + LANES);
    FloatVector c5a = FloatVector.fromArray(SPECIES, base, baseStart + n5 * baseStride);
    FloatVector c5b = FloatVector.fromArray(SPECIES, base, baseStart + n5 * baseStride + LANES);
    FloatVector c6a = FloatVector.fromArray(SPECIES, base, baseStart + n6 * baseStride);
    FloatVector c6b = FloatVector.fromArray(SPECIES, base, baseStart + n6 * baseStride + LANES);
    FloatVector c7a = FloatVector.fromArray(SPECIES, base, baseStart + n7 * baseStride);
    FloatVector c7b = FloatVector.fromArray(SPECIES, base, baseStart + n7 * baseStride + LANES);
    FloatVector c8a = FloatVector.fromArray(SPECIES, base, baseStart + n8 * baseStride);
    FloatVector c8b = FloatVector.fromArray(SPECIES, base, baseStart + n8 * baseStride + LANES);
    FloatVector c9a = FloatVector.fromArray(SPECIES, base, baseStart + n9 * baseStride);
    FloatVector c9b = FloatVector.fromArray(SPECIES, base, baseStart + n9 * baseStride + LANES);
    FloatVector c10a = FloatVector.fromArray(SPECIES, base, baseStart + n10 * baseStride);
    FloatVector c10b = FloatVector.fromArray(SPECIES, base, baseStart + n10 * baseStride + LANES);
    FloatVector c11a = FloatVector.fromArray(SPECIES, base, baseStart + n11 * baseStride);
    FloatVector c11b = FloatVector.fromArray(SPECIES, base, baseStart + n11 * baseStride + LANES);
    for (int k = 0, at = bStart; k < depth; k++, at += WIDTH) {
      int from = aStart + depths[k];
      FloatVector ba = FloatVector.fromArray(SPECIES, b, at);
      FloatVector bb = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[from]);
      c0a = x0.fma(ba, c0a);
      c0b = x0.fma(bb, c0b);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[from + 1]);
      c1a = x1.fma(ba, c1a);
      c1b = x1.fma(bb, c1b);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[from + 2]);
      c2a = x2.fma(ba, c2a);
      c2b = x2.fma(bb, c2b);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[from + 3]);
      c3a = x3.fma(ba, c3a);
      c3b = x3.fma(bb, c3b);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[from + 4]);
      c4a = x4.fma(ba, c4a);
      c4b = x4.fma(bb, c4b);
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[from + 5]);
      c5a = x5.fma(ba, c5a);
      c5b = x5.fma(bb, c5b);
      FloatVector x6 = FloatVector.broadcast(SPECIES, a[from + 6]);
      c6a = x6.fma(ba, c6a);
      c6b = x6.fma(bb, c6b);
      FloatVector x7 = FloatVector.broadcast(SPECIES, a[from + 7]);
      c7a = x7.fma(ba, c7a);
      c7b = x7.fma(bb, c7b);
      FloatVector x8 = FloatVector.broadcast(SPECIES, a[from + 8]);
      c8a = x8.fma(ba, c8a);
      c8b = x8.fma(bb, c8b);
      FloatVector x9 = FloatVector.broadcast(SPECIES, a[from + 9]);
      c9a = x9.fma(ba, c9a);
      c9b = x9.fma(bb, c9b);
      FloatVector x10 = FloatVector.broadcast(SPECIES, a[from + 10]);
      c10a = x10.fma(ba, c10a);
      c10b = x10.fma(bb, c10b);
      FloatVector x11 = FloatVector.broadcast(SPECIES, a[from + 11]);
      c11a = x11.fma(ba, c11a);
      c11b = x11.fma(bb, c11b);
    }
    // From the last on: what stands for rows that there are none of is written over.
    c11b.intoArray(out, outStart + n11 * outStride + LANES);
    c11a.intoArray(out, outStart + n11 * outStride);
    c10b.intoArray(out, outStart + n10 * outStride + LANES);
    c10a.intoArray(out, outStart + n10 * outStride);
    c9b.intoArray(out, outStart + n9 * outStride + LANES);
    c9a.intoArray(out, outStart + n9 * outStride);
    c8b.intoArray(out, outStart + n8 * outStride + LANES);
    c8a.intoArray(out, outStart + n8 * outStride);
    c7b.intoArray(out, outStart + n7 * outStride + LANES);
    c7a.intoArray(out, outStart + n7 * outStride);
    c6b.intoArray(out, outStart + n6 * outStride + LANES);
    c6a.intoArray(out, outStart + n6 * outStride);
    c5b.intoArray(out, outStart + n5 * outStride + LANES);
    c5a.intoArray(out, outStart + n5 * outStride);
    c4b.intoArray(out, outStart + n4 * outStride + LANES);
    c4a.intoArray(out, outStart + n4 * outStride);
    c3b.intoArray(out, outStart + n3 * outStride + LANES);
    c3a.intoArray(out, outStart + n3 * outStride);
    c2b.intoArray(out, outStart + n2 * outStride + LANES);
    c2a.intoArray(out, outStart + n2 * outStride);
    c1b.intoArray(out, outStart + n1 * outStride + LANES);
    c1a.intoArray(out, outStart + n1 * outStride);
    c0b.intoArray(out, outStart + LANES);
    c0a.intoArray(out, outStart);
  }
}
