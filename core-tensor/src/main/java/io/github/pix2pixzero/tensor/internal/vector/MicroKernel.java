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
 * <p>{@code out = alpha · A · B + base}, where {@code base} is a bias (stride 0) or {@code out}
 * itself. Every element is summed up in the order of the depth whatever tile it falls into.
 *
 * <p>How this is written is what JDK 17's compiler makes fast code of. Loops are unrolled by hand
 * and not nested, accumulators are local variables and no helper methods take vectors, or it does
 * not keep all of them in registers; {@code at} is counted up, since with {@code bStart + k *
 * WIDTH} the tile of 12 rows takes 1.5 times as long. Nor are there branches: a tile of fewer rows
 * computes its last one several times. The compiler leaves out a branch that has not been taken yet
 * and compiles anew once it is, and until then a tile takes a thousand times as long.
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

  /** Most rows of a tile. */
  static final int MAX_ROWS = 12;

  /** Tiles of 12 rows and two vectors need the 32 registers of AVX-512. */
  private static final boolean MANY_REGISTERS = SPECIES.vectorBitSize() == 512;

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
    FloatVector c0a = FloatVector.zero(SPECIES);
    FloatVector c0b = FloatVector.zero(SPECIES);
    FloatVector c1a = FloatVector.zero(SPECIES);
    FloatVector c1b = FloatVector.zero(SPECIES);
    FloatVector c2a = FloatVector.zero(SPECIES);
    FloatVector c2b = FloatVector.zero(SPECIES);
    FloatVector c3a = FloatVector.zero(SPECIES);
    FloatVector c3b = FloatVector.zero(SPECIES);
    FloatVector c4a = FloatVector.zero(SPECIES);
    FloatVector c4b = FloatVector.zero(SPECIES);
    FloatVector c5a = FloatVector.zero(SPECIES);
    FloatVector c5b = FloatVector.zero(SPECIES);
    FloatVector c6a = FloatVector.zero(SPECIES);
    FloatVector c6b = FloatVector.zero(SPECIES);
    FloatVector c7a = FloatVector.zero(SPECIES);
    FloatVector c7b = FloatVector.zero(SPECIES);
    FloatVector c8a = FloatVector.zero(SPECIES);
    FloatVector c8b = FloatVector.zero(SPECIES);
    FloatVector c9a = FloatVector.zero(SPECIES);
    FloatVector c9b = FloatVector.zero(SPECIES);
    FloatVector c10a = FloatVector.zero(SPECIES);
    FloatVector c10b = FloatVector.zero(SPECIES);
    FloatVector c11a = FloatVector.zero(SPECIES);
    FloatVector c11b = FloatVector.zero(SPECIES);
    for (int k = 0, at = bStart; k < depth; k++, at += WIDTH) {
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
    int end = count - 1;
    int r1 = Math.min(1, end);
    int r2 = Math.min(2, end);
    int r3 = Math.min(3, end);
    int r4 = Math.min(4, end);
    int r5 = Math.min(5, end);
    int r6 = Math.min(6, end);
    int r7 = Math.min(7, end);
    int r8 = Math.min(8, end);
    int r9 = Math.min(9, end);
    int r10 = Math.min(10, end);
    int r11 = Math.min(11, end);
    c0a = c0a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart));
    c0b = c0b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + LANES));
    c1a = c1a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r1 * baseStride));
    c1b =
        c1b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r1 * baseStride + LANES));
    c2a = c2a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r2 * baseStride));
    c2b =
        c2b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r2 * baseStride + LANES));
    c3a = c3a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r3 * baseStride));
    c3b =
        c3b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r3 * baseStride + LANES));
    c4a = c4a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r4 * baseStride));
    c4b =
        c4b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r4 * baseStride + LANES));
    c5a = c5a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r5 * baseStride));
    c5b =
        c5b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r5 * baseStride + LANES));
    c6a = c6a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r6 * baseStride));
    c6b =
        c6b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r6 * baseStride + LANES));
    c7a = c7a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r7 * baseStride));
    c7b =
        c7b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r7 * baseStride + LANES));
    c8a = c8a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r8 * baseStride));
    c8b =
        c8b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r8 * baseStride + LANES));
    c9a = c9a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r9 * baseStride));
    c9b =
        c9b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r9 * baseStride + LANES));
    c10a = c10a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r10 * baseStride));
    c10b =
        c10b.fma(
            factor, FloatVector.fromArray(SPECIES, base, baseStart + r10 * baseStride + LANES));
    c11a = c11a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r11 * baseStride));
    c11b =
        c11b.fma(
            factor, FloatVector.fromArray(SPECIES, base, baseStart + r11 * baseStride + LANES));
    c0a.intoArray(out, outStart);
    c0b.intoArray(out, outStart + LANES);
    c1a.intoArray(out, outStart + r1 * outStride);
    c1b.intoArray(out, outStart + r1 * outStride + LANES);
    c2a.intoArray(out, outStart + r2 * outStride);
    c2b.intoArray(out, outStart + r2 * outStride + LANES);
    c3a.intoArray(out, outStart + r3 * outStride);
    c3b.intoArray(out, outStart + r3 * outStride + LANES);
    c4a.intoArray(out, outStart + r4 * outStride);
    c4b.intoArray(out, outStart + r4 * outStride + LANES);
    c5a.intoArray(out, outStart + r5 * outStride);
    c5b.intoArray(out, outStart + r5 * outStride + LANES);
    c6a.intoArray(out, outStart + r6 * outStride);
    c6b.intoArray(out, outStart + r6 * outStride + LANES);
    c7a.intoArray(out, outStart + r7 * outStride);
    c7b.intoArray(out, outStart + r7 * outStride + LANES);
    c8a.intoArray(out, outStart + r8 * outStride);
    c8b.intoArray(out, outStart + r8 * outStride + LANES);
    c9a.intoArray(out, outStart + r9 * outStride);
    c9b.intoArray(out, outStart + r9 * outStride + LANES);
    c10a.intoArray(out, outStart + r10 * outStride);
    c10b.intoArray(out, outStart + r10 * outStride + LANES);
    c11a.intoArray(out, outStart + r11 * outStride);
    c11b.intoArray(out, outStart + r11 * outStride + LANES);
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
    FloatVector c0a = FloatVector.zero(SPECIES);
    FloatVector c0b = FloatVector.zero(SPECIES);
    FloatVector c1a = FloatVector.zero(SPECIES);
    FloatVector c1b = FloatVector.zero(SPECIES);
    FloatVector c2a = FloatVector.zero(SPECIES);
    FloatVector c2b = FloatVector.zero(SPECIES);
    FloatVector c3a = FloatVector.zero(SPECIES);
    FloatVector c3b = FloatVector.zero(SPECIES);
    FloatVector c4a = FloatVector.zero(SPECIES);
    FloatVector c4b = FloatVector.zero(SPECIES);
    FloatVector c5a = FloatVector.zero(SPECIES);
    FloatVector c5b = FloatVector.zero(SPECIES);
    for (int k = 0, at = bStart; k < depth; k++, at += WIDTH) {
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
    int end = count - 1;
    int r1 = Math.min(1, end);
    int r2 = Math.min(2, end);
    int r3 = Math.min(3, end);
    int r4 = Math.min(4, end);
    int r5 = Math.min(5, end);
    c0a = c0a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart));
    c0b = c0b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + LANES));
    c1a = c1a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r1 * baseStride));
    c1b =
        c1b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r1 * baseStride + LANES));
    c2a = c2a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r2 * baseStride));
    c2b =
        c2b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r2 * baseStride + LANES));
    c3a = c3a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r3 * baseStride));
    c3b =
        c3b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r3 * baseStride + LANES));
    c4a = c4a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r4 * baseStride));
    c4b =
        c4b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r4 * baseStride + LANES));
    c5a = c5a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r5 * baseStride));
    c5b =
        c5b.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r5 * baseStride + LANES));
    c0a.intoArray(out, outStart);
    c0b.intoArray(out, outStart + LANES);
    c1a.intoArray(out, outStart + r1 * outStride);
    c1b.intoArray(out, outStart + r1 * outStride + LANES);
    c2a.intoArray(out, outStart + r2 * outStride);
    c2b.intoArray(out, outStart + r2 * outStride + LANES);
    c3a.intoArray(out, outStart + r3 * outStride);
    c3b.intoArray(out, outStart + r3 * outStride + LANES);
    c4a.intoArray(out, outStart + r4 * outStride);
    c4b.intoArray(out, outStart + r4 * outStride + LANES);
    c5a.intoArray(out, outStart + r5 * outStride);
    c5b.intoArray(out, outStart + r5 * outStride + LANES);
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
    FloatVector c0a = FloatVector.zero(SPECIES);
    FloatVector c1a = FloatVector.zero(SPECIES);
    FloatVector c2a = FloatVector.zero(SPECIES);
    FloatVector c3a = FloatVector.zero(SPECIES);
    FloatVector c4a = FloatVector.zero(SPECIES);
    FloatVector c5a = FloatVector.zero(SPECIES);
    FloatVector c6a = FloatVector.zero(SPECIES);
    FloatVector c7a = FloatVector.zero(SPECIES);
    FloatVector c8a = FloatVector.zero(SPECIES);
    FloatVector c9a = FloatVector.zero(SPECIES);
    FloatVector c10a = FloatVector.zero(SPECIES);
    FloatVector c11a = FloatVector.zero(SPECIES);
    for (int k = 0, at = bStart; k < depth; k++, at += LANES) {
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
    int end = count - 1;
    int r1 = Math.min(1, end);
    int r2 = Math.min(2, end);
    int r3 = Math.min(3, end);
    int r4 = Math.min(4, end);
    int r5 = Math.min(5, end);
    int r6 = Math.min(6, end);
    int r7 = Math.min(7, end);
    int r8 = Math.min(8, end);
    int r9 = Math.min(9, end);
    int r10 = Math.min(10, end);
    int r11 = Math.min(11, end);
    c0a = c0a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart));
    c1a = c1a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r1 * baseStride));
    c2a = c2a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r2 * baseStride));
    c3a = c3a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r3 * baseStride));
    c4a = c4a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r4 * baseStride));
    c5a = c5a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r5 * baseStride));
    c6a = c6a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r6 * baseStride));
    c7a = c7a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r7 * baseStride));
    c8a = c8a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r8 * baseStride));
    c9a = c9a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r9 * baseStride));
    c10a = c10a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r10 * baseStride));
    c11a = c11a.fma(factor, FloatVector.fromArray(SPECIES, base, baseStart + r11 * baseStride));
    c0a.intoArray(out, outStart);
    c1a.intoArray(out, outStart + r1 * outStride);
    c2a.intoArray(out, outStart + r2 * outStride);
    c3a.intoArray(out, outStart + r3 * outStride);
    c4a.intoArray(out, outStart + r4 * outStride);
    c5a.intoArray(out, outStart + r5 * outStride);
    c6a.intoArray(out, outStart + r6 * outStride);
    c7a.intoArray(out, outStart + r7 * outStride);
    c8a.intoArray(out, outStart + r8 * outStride);
    c9a.intoArray(out, outStart + r9 * outStride);
    c10a.intoArray(out, outStart + r10 * outStride);
    c11a.intoArray(out, outStart + r11 * outStride);
  }
}
