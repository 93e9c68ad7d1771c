package io.github.pix2pixzero.tensor.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The innermost loops of all matrix products: a tile of the result is kept in registers while the
 * depth passes by, as in BLIS (Van Zee and van de Geijn, 2015).
 *
 * <p>The left factor is read where it lies, one row after another, at offsets given in a table; so
 * the rows may as well be the windows of a convolution. The right factor comes in {@link Panels}.
 *
 * <p>{@code out = alpha · (base + A · B)}, where {@code base} is a bias or zeros (stride 0) or
 * {@code out} itself. Every element is summed up in the order of the depth whatever tile it falls
 * into.
 *
 * <p>How this is written is what the compiler makes fast code of. Loops are unrolled by hand and
 * not nested, accumulators are local variables and no helper methods take vectors, or it does not
 * keep all of them in registers. Nor does it where they all begin with one zero vector, or where
 * the loop counts {@code k}: then it copies them around at every depth in every other process,
 * which takes 1.3 times as long with AVX-512 and twice as long with AVX2. A longer method is too
 * much for C1, without which C2 lacks the types it goes by. There are no branches: a tile of fewer
 * rows computes its last one several times. The compiler leaves out a branch that has not been
 * taken yet and compiles anew once it is, and until then a tile takes a thousand times as long.
 */
final class MicroKernel {
  /**
   * The only species of floats: once there is a second one, what has been compiled is thrown away.
   */
  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

  /** Floats in a vector. */
  static final int LANES = SPECIES.length();

  /** Columns of a full tile. */
  static final int WIDTH = 2 * LANES;

  /** A base of nothing. */
  static final float[] ZEROS = new float[WIDTH];

  /** Most rows of a tile. */
  static final int MAX_ROWS = 12;

  /** Tiles of 12 rows and two vectors need the 32 registers of AVX-512. */
  static final boolean MANY_REGISTERS = SPECIES.vectorBitSize() == 512;

  private MicroKernel() {}

  /** Rows of the tile that fits best when {@code left} rows remain to be computed. */
  static int tileRows(int left, int width) {
    boolean tall = width == LANES || (MANY_REGISTERS && left > 6);
    return Math.min(left, tall ? 12 : 6);
  }

  /**
   * Computes one tile.
   *
   * @param width {@link #WIDTH} or {@link #LANES}
   * @param count rows, no more than {@link #tileRows} said
   * @param rows where each row of A begins, counted from {@code aStart}; entries from {@code row}
   *     on are used
   * @param bStart of a panel part [depth, width]
   */
  static void tile(
      int width,
      int count,
      int depth,
      float[] a,
      int aStart,
      int[] rows,
      int row,
      float[] b,
      int bStart,
      float alpha,
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
          rows,
          row,
          b,
          bStart,
          alpha,
          base,
          baseStart,
          baseStride,
          out,
          outStart,
          outStride);
    } else if (count > 6) {
      tile12x2(
          count,
          depth,
          a,
          aStart,
          rows,
          row,
          b,
          bStart,
          alpha,
          base,
          baseStart,
          baseStride,
          out,
          outStart,
          outStride);
    } else {
      tile6x2(
          count,
          depth,
          a,
          aStart,
          rows,
          row,
          b,
          bStart,
          alpha,
          base,
          baseStart,
          baseStride,
          out,
          outStart,
          outStride);
    }
  }

  /** The tile of 12 rows and two vectors. */
  private static void tile12x2(
      int count,
      int depth,
      float[] a,
      int aStart,
      int[] rows,
      int row,
      float[] b,
      int bStart,
      float alpha,
      float[] base,
      int baseStart,
      int baseStride,
      float[] out,
      int outStart,
      int outStride) {
    int last = row + count - 1;
    int a0 = aStart + rows[row];
    int a1 = aStart + rows[Math.min(row + 1, last)];
    int a2 = aStart + rows[Math.min(row + 2, last)];
    int a3 = aStart + rows[Math.min(row + 3, last)];
    int a4 = aStart + rows[Math.min(row + 4, last)];
    int a5 = aStart + rows[Math.min(row + 5, last)];
    int a6 = aStart + rows[Math.min(row + 6, last)];
    int a7 = aStart + rows[Math.min(row + 7, last)];
    int a8 = aStart + rows[Math.min(row + 8, last)];
    int a9 = aStart + rows[Math.min(row + 9, last)];
    int a10 = aStart + rows[Math.min(row + 10, last)];
    int a11 = aStart + rows[Math.min(row + 11, last)];
    int most = count - 1;
    int r1 = Math.min(1, most);
    int r2 = Math.min(2, most);
    int r3 = Math.min(3, most);
    int r4 = Math.min(4, most);
    int r5 = Math.min(5, most);
    int r6 = Math.min(6, most);
    int r7 = Math.min(7, most);
    int r8 = Math.min(8, most);
    int r9 = Math.min(9, most);
    int r10 = Math.min(10, most);
    int r11 = Math.min(11, most);
    FloatVector c0a = FloatVector.fromArray(SPECIES, base, baseStart);
    FloatVector c0b = FloatVector.fromArray(SPECIES, base, baseStart + LANES);
    FloatVector c1a = FloatVector.fromArray(SPECIES, base, baseStart + r1 * baseStride);
    FloatVector c1b = FloatVector.fromArray(SPECIES, base, baseStart + r1 * baseStride + LANES);
    FloatVector c2a = FloatVector.fromArray(SPECIES, base, baseStart + r2 * baseStride);
    FloatVector c2b = FloatVector.fromArray(SPECIES, base, baseStart + r2 * baseStride + LANES);
    FloatVector c3a = FloatVector.fromArray(SPECIES, base, baseStart + r3 * baseStride);
    FloatVector c3b = FloatVector.fromArray(SPECIES, base, baseStart + r3 * baseStride + LANES);
    FloatVector c4a = FloatVector.fromArray(SPECIES, base, baseStart + r4 * baseStride);
    FloatVector c4b = FloatVector.fromArray(SPECIES, base, baseStart + r4 * baseStride + LANES);
    FloatVector c5a = FloatVector.fromArray(SPECIES, base, baseStart + r5 * baseStride);
    FloatVector c5b = FloatVector.fromArray(SPECIES, base, baseStart + r5 * baseStride + LANES);
    FloatVector c6a = FloatVector.fromArray(SPECIES, base, baseStart + r6 * baseStride);
    FloatVector c6b = FloatVector.fromArray(SPECIES, base, baseStart + r6 * baseStride + LANES);
    FloatVector c7a = FloatVector.fromArray(SPECIES, base, baseStart + r7 * baseStride);
    FloatVector c7b = FloatVector.fromArray(SPECIES, base, baseStart + r7 * baseStride + LANES);
    FloatVector c8a = FloatVector.fromArray(SPECIES, base, baseStart + r8 * baseStride);
    FloatVector c8b = FloatVector.fromArray(SPECIES, base, baseStart + r8 * baseStride + LANES);
    FloatVector c9a = FloatVector.fromArray(SPECIES, base, baseStart + r9 * baseStride);
    FloatVector c9b = FloatVector.fromArray(SPECIES, base, baseStart + r9 * baseStride + LANES);
    FloatVector c10a = FloatVector.fromArray(SPECIES, base, baseStart + r10 * baseStride);
    FloatVector c10b = FloatVector.fromArray(SPECIES, base, baseStart + r10 * baseStride + LANES);
    FloatVector c11a = FloatVector.fromArray(SPECIES, base, baseStart + r11 * baseStride);
    FloatVector c11b = FloatVector.fromArray(SPECIES, base, baseStart + r11 * baseStride + LANES);
    int end = bStart + depth * WIDTH;
    for (int k = 0, at = bStart; at < end; k++, at += WIDTH) {
      FloatVector ba = FloatVector.fromArray(SPECIES, b, at);
      FloatVector bb = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c0a = x0.fma(ba, c0a);
      c0b = x0.fma(bb, c0b);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c1a = x1.fma(ba, c1a);
      c1b = x1.fma(bb, c1b);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c2a = x2.fma(ba, c2a);
      c2b = x2.fma(bb, c2b);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c3a = x3.fma(ba, c3a);
      c3b = x3.fma(bb, c3b);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
      c4a = x4.fma(ba, c4a);
      c4b = x4.fma(bb, c4b);
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
      c5a = x5.fma(ba, c5a);
      c5b = x5.fma(bb, c5b);
      FloatVector x6 = FloatVector.broadcast(SPECIES, a[a6 + k]);
      c6a = x6.fma(ba, c6a);
      c6b = x6.fma(bb, c6b);
      FloatVector x7 = FloatVector.broadcast(SPECIES, a[a7 + k]);
      c7a = x7.fma(ba, c7a);
      c7b = x7.fma(bb, c7b);
      FloatVector x8 = FloatVector.broadcast(SPECIES, a[a8 + k]);
      c8a = x8.fma(ba, c8a);
      c8b = x8.fma(bb, c8b);
      FloatVector x9 = FloatVector.broadcast(SPECIES, a[a9 + k]);
      c9a = x9.fma(ba, c9a);
      c9b = x9.fma(bb, c9b);
      FloatVector x10 = FloatVector.broadcast(SPECIES, a[a10 + k]);
      c10a = x10.fma(ba, c10a);
      c10b = x10.fma(bb, c10b);
      FloatVector x11 = FloatVector.broadcast(SPECIES, a[a11 + k]);
      c11a = x11.fma(ba, c11a);
      c11b = x11.fma(bb, c11b);
    }
    FloatVector factor = FloatVector.broadcast(SPECIES, alpha);
    c0a.mul(factor).intoArray(out, outStart);
    c0b.mul(factor).intoArray(out, outStart + LANES);
    c1a.mul(factor).intoArray(out, outStart + r1 * outStride);
    c1b.mul(factor).intoArray(out, outStart + r1 * outStride + LANES);
    c2a.mul(factor).intoArray(out, outStart + r2 * outStride);
    c2b.mul(factor).intoArray(out, outStart + r2 * outStride + LANES);
    c3a.mul(factor).intoArray(out, outStart + r3 * outStride);
    c3b.mul(factor).intoArray(out, outStart + r3 * outStride + LANES);
    c4a.mul(factor).intoArray(out, outStart + r4 * outStride);
    c4b.mul(factor).intoArray(out, outStart + r4 * outStride + LANES);
    c5a.mul(factor).intoArray(out, outStart + r5 * outStride);
    c5b.mul(factor).intoArray(out, outStart + r5 * outStride + LANES);
    c6a.mul(factor).intoArray(out, outStart + r6 * outStride);
    c6b.mul(factor).intoArray(out, outStart + r6 * outStride + LANES);
    c7a.mul(factor).intoArray(out, outStart + r7 * outStride);
    c7b.mul(factor).intoArray(out, outStart + r7 * outStride + LANES);
    c8a.mul(factor).intoArray(out, outStart + r8 * outStride);
    c8b.mul(factor).intoArray(out, outStart + r8 * outStride + LANES);
    c9a.mul(factor).intoArray(out, outStart + r9 * outStride);
    c9b.mul(factor).intoArray(out, outStart + r9 * outStride + LANES);
    c10a.mul(factor).intoArray(out, outStart + r10 * outStride);
    c10b.mul(factor).intoArray(out, outStart + r10 * outStride + LANES);
    c11a.mul(factor).intoArray(out, outStart + r11 * outStride);
    c11b.mul(factor).intoArray(out, outStart + r11 * outStride + LANES);
  }

  /** The tile of 6 rows and two vectors. */
  private static void tile6x2(
      int count,
      int depth,
      float[] a,
      int aStart,
      int[] rows,
      int row,
      float[] b,
      int bStart,
      float alpha,
      float[] base,
      int baseStart,
      int baseStride,
      float[] out,
      int outStart,
      int outStride) {
    int last = row + count - 1;
    int a0 = aStart + rows[row];
    int a1 = aStart + rows[Math.min(row + 1, last)];
    int a2 = aStart + rows[Math.min(row + 2, last)];
    int a3 = aStart + rows[Math.min(row + 3, last)];
    int a4 = aStart + rows[Math.min(row + 4, last)];
    int a5 = aStart + rows[Math.min(row + 5, last)];
    int most = count - 1;
    int r1 = Math.min(1, most);
    int r2 = Math.min(2, most);
    int r3 = Math.min(3, most);
    int r4 = Math.min(4, most);
    int r5 = Math.min(5, most);
    FloatVector c0a = FloatVector.fromArray(SPECIES, base, baseStart);
    FloatVector c0b = FloatVector.fromArray(SPECIES, base, baseStart + LANES);
    FloatVector c1a = FloatVector.fromArray(SPECIES, base, baseStart + r1 * baseStride);
    FloatVector c1b = FloatVector.fromArray(SPECIES, base, baseStart + r1 * baseStride + LANES);
    FloatVector c2a = FloatVector.fromArray(SPECIES, base, baseStart + r2 * baseStride);
    FloatVector c2b = FloatVector.fromArray(SPECIES, base, baseStart + r2 * baseStride + LANES);
    FloatVector c3a = FloatVector.fromArray(SPECIES, base, baseStart + r3 * baseStride);
    FloatVector c3b = FloatVector.fromArray(SPECIES, base, baseStart + r3 * baseStride + LANES);
    FloatVector c4a = FloatVector.fromArray(SPECIES, base, baseStart + r4 * baseStride);
    FloatVector c4b = FloatVector.fromArray(SPECIES, base, baseStart + r4 * baseStride + LANES);
    FloatVector c5a = FloatVector.fromArray(SPECIES, base, baseStart + r5 * baseStride);
    FloatVector c5b = FloatVector.fromArray(SPECIES, base, baseStart + r5 * baseStride + LANES);
    int end = bStart + depth * WIDTH;
    for (int k = 0, at = bStart; at < end; k++, at += WIDTH) {
      FloatVector ba = FloatVector.fromArray(SPECIES, b, at);
      FloatVector bb = FloatVector.fromArray(SPECIES, b, at + LANES);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c0a = x0.fma(ba, c0a);
      c0b = x0.fma(bb, c0b);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c1a = x1.fma(ba, c1a);
      c1b = x1.fma(bb, c1b);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c2a = x2.fma(ba, c2a);
      c2b = x2.fma(bb, c2b);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c3a = x3.fma(ba, c3a);
      c3b = x3.fma(bb, c3b);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
      c4a = x4.fma(ba, c4a);
      c4b = x4.fma(bb, c4b);
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
      c5a = x5.fma(ba, c5a);
      c5b = x5.fma(bb, c5b);
    }
    FloatVector factor = FloatVector.broadcast(SPECIES, alpha);
    c0a.mul(factor).intoArray(out, outStart);
    c0b.mul(factor).intoArray(out, outStart + LANES);
    c1a.mul(factor).intoArray(out, outStart + r1 * outStride);
    c1b.mul(factor).intoArray(out, outStart + r1 * outStride + LANES);
    c2a.mul(factor).intoArray(out, outStart + r2 * outStride);
    c2b.mul(factor).intoArray(out, outStart + r2 * outStride + LANES);
    c3a.mul(factor).intoArray(out, outStart + r3 * outStride);
    c3b.mul(factor).intoArray(out, outStart + r3 * outStride + LANES);
    c4a.mul(factor).intoArray(out, outStart + r4 * outStride);
    c4b.mul(factor).intoArray(out, outStart + r4 * outStride + LANES);
    c5a.mul(factor).intoArray(out, outStart + r5 * outStride);
    c5b.mul(factor).intoArray(out, outStart + r5 * outStride + LANES);
  }

  /** The tile of 12 rows and one vector. */
  private static void tile12x1(
      int count,
      int depth,
      float[] a,
      int aStart,
      int[] rows,
      int row,
      float[] b,
      int bStart,
      float alpha,
      float[] base,
      int baseStart,
      int baseStride,
      float[] out,
      int outStart,
      int outStride) {
    int last = row + count - 1;
    int a0 = aStart + rows[row];
    int a1 = aStart + rows[Math.min(row + 1, last)];
    int a2 = aStart + rows[Math.min(row + 2, last)];
    int a3 = aStart + rows[Math.min(row + 3, last)];
    int a4 = aStart + rows[Math.min(row + 4, last)];
    int a5 = aStart + rows[Math.min(row + 5, last)];
    int a6 = aStart + rows[Math.min(row + 6, last)];
    int a7 = aStart + rows[Math.min(row + 7, last)];
    int a8 = aStart + rows[Math.min(row + 8, last)];
    int a9 = aStart + rows[Math.min(row + 9, last)];
    int a10 = aStart + rows[Math.min(row + 10, last)];
    int a11 = aStart + rows[Math.min(row + 11, last)];
    int most = count - 1;
    int r1 = Math.min(1, most);
    int r2 = Math.min(2, most);
    int r3 = Math.min(3, most);
    int r4 = Math.min(4, most);
    int r5 = Math.min(5, most);
    int r6 = Math.min(6, most);
    int r7 = Math.min(7, most);
    int r8 = Math.min(8, most);
    int r9 = Math.min(9, most);
    int r10 = Math.min(10, most);
    int r11 = Math.min(11, most);
    FloatVector c0a = FloatVector.fromArray(SPECIES, base, baseStart);
    FloatVector c1a = FloatVector.fromArray(SPECIES, base, baseStart + r1 * baseStride);
    FloatVector c2a = FloatVector.fromArray(SPECIES, base, baseStart + r2 * baseStride);
    FloatVector c3a = FloatVector.fromArray(SPECIES, base, baseStart + r3 * baseStride);
    FloatVector c4a = FloatVector.fromArray(SPECIES, base, baseStart + r4 * baseStride);
    FloatVector c5a = FloatVector.fromArray(SPECIES, base, baseStart + r5 * baseStride);
    FloatVector c6a = FloatVector.fromArray(SPECIES, base, baseStart + r6 * baseStride);
    FloatVector c7a = FloatVector.fromArray(SPECIES, base, baseStart + r7 * baseStride);
    FloatVector c8a = FloatVector.fromArray(SPECIES, base, baseStart + r8 * baseStride);
    FloatVector c9a = FloatVector.fromArray(SPECIES, base, baseStart + r9 * baseStride);
    FloatVector c10a = FloatVector.fromArray(SPECIES, base, baseStart + r10 * baseStride);
    FloatVector c11a = FloatVector.fromArray(SPECIES, base, baseStart + r11 * baseStride);
    int end = bStart + depth * LANES;
    for (int k = 0, at = bStart; at < end; k++, at += LANES) {
      FloatVector ba = FloatVector.fromArray(SPECIES, b, at);
      FloatVector x0 = FloatVector.broadcast(SPECIES, a[a0 + k]);
      c0a = x0.fma(ba, c0a);
      FloatVector x1 = FloatVector.broadcast(SPECIES, a[a1 + k]);
      c1a = x1.fma(ba, c1a);
      FloatVector x2 = FloatVector.broadcast(SPECIES, a[a2 + k]);
      c2a = x2.fma(ba, c2a);
      FloatVector x3 = FloatVector.broadcast(SPECIES, a[a3 + k]);
      c3a = x3.fma(ba, c3a);
      FloatVector x4 = FloatVector.broadcast(SPECIES, a[a4 + k]);
      c4a = x4.fma(ba, c4a);
      FloatVector x5 = FloatVector.broadcast(SPECIES, a[a5 + k]);
      c5a = x5.fma(ba, c5a);
      FloatVector x6 = FloatVector.broadcast(SPECIES, a[a6 + k]);
      c6a = x6.fma(ba, c6a);
      FloatVector x7 = FloatVector.broadcast(SPECIES, a[a7 + k]);
      c7a = x7.fma(ba, c7a);
      FloatVector x8 = FloatVector.broadcast(SPECIES, a[a8 + k]);
      c8a = x8.fma(ba, c8a);
      FloatVector x9 = FloatVector.broadcast(SPECIES, a[a9 + k]);
      c9a = x9.fma(ba, c9a);
      FloatVector x10 = FloatVector.broadcast(SPECIES, a[a10 + k]);
      c10a = x10.fma(ba, c10a);
      FloatVector x11 = FloatVector.broadcast(SPECIES, a[a11 + k]);
      c11a = x11.fma(ba, c11a);
    }
    FloatVector factor = FloatVector.broadcast(SPECIES, alpha);
    c0a.mul(factor).intoArray(out, outStart);
    c1a.mul(factor).intoArray(out, outStart + r1 * outStride);
    c2a.mul(factor).intoArray(out, outStart + r2 * outStride);
    c3a.mul(factor).intoArray(out, outStart + r3 * outStride);
    c4a.mul(factor).intoArray(out, outStart + r4 * outStride);
    c5a.mul(factor).intoArray(out, outStart + r5 * outStride);
    c6a.mul(factor).intoArray(out, outStart + r6 * outStride);
    c7a.mul(factor).intoArray(out, outStart + r7 * outStride);
    c8a.mul(factor).intoArray(out, outStart + r8 * outStride);
    c9a.mul(factor).intoArray(out, outStart + r9 * outStride);
    c10a.mul(factor).intoArray(out, outStart + r10 * outStride);
    c11a.mul(factor).intoArray(out, outStart + r11 * outStride);
  }
}
