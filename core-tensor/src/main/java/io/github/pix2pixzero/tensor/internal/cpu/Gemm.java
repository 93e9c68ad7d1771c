package io.github.pix2pixzero.tensor.internal.cpu;

/**
 * The matrix product all plain kernels are made of: rows of the result gather multiples of rows of
 * the right factor.
 *
 * <p>C2 turns a loop over several arrays into vector instructions only where all are read and
 * written at the same index, since it cannot rule out that they overlap otherwise. Hence the
 * copies: a block of the right factor is laid out in arrays of its own, one a row, and so is the
 * row of the result that is being worked on.
 */
final class Gemm {
  /** Columns and depth of a block of the right factor; it fits the innermost cache. */
  private static final int COLUMNS = 256;

  private static final int DEPTH = 32;

  private static final ThreadLocal<Gemm> OF_THREAD = ThreadLocal.withInitial(Gemm::new);

  private final float[][] block = new float[DEPTH][COLUMNS];
  private final float[] sum = new float[COLUMNS];

  private Gemm() {}

  /**
   * {@code out[i, j] += alpha · Σ_k a[i, k] · b[k, j]}. Element (i, k) of {@code a} lies at {@code
   * aStart + i · aRow + k · aDepth}, so that a transposed factor is a matter of strides; rows of
   * {@code b} and {@code out} are contiguous.
   */
  static void accumulate(
      int rows,
      int columns,
      int depth,
      float alpha,
      float[] a,
      int aStart,
      int aRow,
      int aDepth,
      Elements b,
      int bStart,
      int bRow,
      float[] out,
      int outStart,
      int outRow) {
    Gemm gemm = OF_THREAD.get();
    for (int j = 0; j < columns; j += COLUMNS) {
      int width = Math.min(COLUMNS, columns - j);
      for (int k = 0; k < depth; k += DEPTH) {
        int height = Math.min(DEPTH, depth - k);
        gemm.load(height, width, b, bStart + k * bRow + j, bRow);
        gemm.multiply(
            rows,
            height,
            width,
            alpha,
            a,
            aStart + k * aDepth,
            aRow,
            aDepth,
            out,
            outStart + j,
            outRow);
      }
    }
  }

  /** Copies a block of the right factor. */
  private void load(int height, int width, Elements b, int start, int bRow) {
    for (int k = 0; k < height; k++) {
      b.copy(start + k * bRow, block[k], 0, width);
    }
  }

  /** Adds the product with the block to the rows of the result. */
  private void multiply(
      int rows,
      int height,
      int width,
      float alpha,
      float[] a,
      int aStart,
      int aRow,
      int aDepth,
      float[] out,
      int outStart,
      int outRow) {
    for (int i = 0; i < rows; i++) {
      int start = outStart + i * outRow;
      System.arraycopy(out, start, sum, 0, width);
      int at = aStart + i * aRow;
      int k = 0;
      for (; k + 4 <= height; k += 4) {
        addFour(
            width,
            alpha * a[at],
            alpha * a[at + aDepth],
            alpha * a[at + 2 * aDepth],
            alpha * a[at + 3 * aDepth],
            block[k],
            block[k + 1],
            block[k + 2],
            block[k + 3],
            sum);
        at += 4 * aDepth;
      }
      for (; k < height; k++) {
        add(width, alpha * a[at], block[k], sum);
        at += aDepth;
      }
      System.arraycopy(sum, 0, out, start, width);
    }
  }

  /** Adds multiples of four rows. A longer body is too much for C2, which then leaves it scalar. */
  private static void addFour(
      int width,
      float c0,
      float c1,
      float c2,
      float c3,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      float[] sum) {
    for (int j = 0; j < width; j++) {
      sum[j] += (c0 * b0[j] + c1 * b1[j]) + (c2 * b2[j] + c3 * b3[j]);
    }
  }

  private static void add(int width, float c, float[] b, float[] sum) {
    for (int j = 0; j < width; j++) {
      sum[j] += c * b[j];
    }
  }

  /** {@code target[j, i] = source[i, j]} for a block of rows. */
  static void transpose(
      int rows,
      int columns,
      Elements source,
      int sourceStart,
      int sourceRow,
      float[] target,
      int targetStart,
      int targetRow) {
    float[] run = OF_THREAD.get().sum;
    for (int first = 0; first < columns; first += COLUMNS) {
      int count = Math.min(COLUMNS, columns - first);
      for (int i = 0; i < rows; i++) {
        source.copy(sourceStart + i * sourceRow + first, run, 0, count);
        for (int j = 0; j < count; j++) {
          target[targetStart + (first + j) * targetRow + i] = run[j];
        }
      }
    }
  }
}
