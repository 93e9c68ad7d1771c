package io.github.pix2pixzero.tensor.backend.cpu;

/**
 * The matrix product all plain kernels are made of: rows of the result gather multiples of rows of
 * the right factor. That walks memory with unit stride, which is the form of loop the JIT compiler
 * turns into vector instructions.
 */
final class Gemm {
  /** Columns and depth of the block of the right factor that stays in the innermost cache. */
  private static final int COLUMNS = 256;

  private static final int DEPTH = 32;

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
      float[] b,
      int bStart,
      int bRow,
      float[] out,
      int outStart,
      int outRow) {
    for (int j = 0; j < columns; j += COLUMNS) {
      int width = Math.min(COLUMNS, columns - j);
      for (int k = 0; k < depth; k += DEPTH) {
        int end = Math.min(depth, k + DEPTH);
        for (int i = 0; i < rows; i++) {
          row(
              width,
              k,
              end,
              alpha,
              a,
              aStart + i * aRow,
              aDepth,
              b,
              bStart + j,
              bRow,
              out,
              outStart + i * outRow + j);
        }
      }
    }
  }

  private static void row(
      int width,
      int from,
      int to,
      float alpha,
      float[] a,
      int aStart,
      int aDepth,
      float[] b,
      int bStart,
      int bRow,
      float[] out,
      int outStart) {
    int k = from;
    for (; k + 8 <= to; k += 8) {
      int at = aStart + k * aDepth;
      add8(
          width,
          alpha * a[at],
          alpha * a[at + aDepth],
          alpha * a[at + 2 * aDepth],
          alpha * a[at + 3 * aDepth],
          alpha * a[at + 4 * aDepth],
          alpha * a[at + 5 * aDepth],
          alpha * a[at + 6 * aDepth],
          alpha * a[at + 7 * aDepth],
          b,
          bStart + k * bRow,
          bRow,
          out,
          outStart);
    }
    for (; k < to; k++) {
      add(width, alpha * a[aStart + k * aDepth], b, bStart + k * bRow, out, outStart);
    }
  }

  /** Adds multiples of eight rows, pairwise, which also keeps rounding errors small. */
  private static void add8(
      int width,
      float c0,
      float c1,
      float c2,
      float c3,
      float c4,
      float c5,
      float c6,
      float c7,
      float[] b,
      int b0,
      int bRow,
      float[] out,
      int start) {
    int b1 = b0 + bRow;
    int b2 = b1 + bRow;
    int b3 = b2 + bRow;
    int b4 = b3 + bRow;
    int b5 = b4 + bRow;
    int b6 = b5 + bRow;
    int b7 = b6 + bRow;
    for (int j = 0; j < width; j++) {
      out[start + j] +=
          ((c0 * b[b0 + j] + c1 * b[b1 + j]) + (c2 * b[b2 + j] + c3 * b[b3 + j]))
              + ((c4 * b[b4 + j] + c5 * b[b5 + j]) + (c6 * b[b6 + j] + c7 * b[b7 + j]));
    }
  }

  /** {@code out[j] += c · b[j]}. */
  private static void add(int width, float c, float[] b, int bStart, float[] out, int outStart) {
    for (int j = 0; j < width; j++) {
      out[outStart + j] += c * b[bStart + j];
    }
  }

  /** {@code target[j, i] = source[i, j]} for a block of rows. */
  static void transpose(
      int rows,
      int columns,
      float[] source,
      int sourceStart,
      int sourceRow,
      float[] target,
      int targetStart,
      int targetRow) {
    for (int j = 0; j < columns; j++) {
      int to = targetStart + j * targetRow;
      int from = sourceStart + j;
      for (int i = 0; i < rows; i++) {
        target[to + i] = source[from + i * sourceRow];
      }
    }
  }
}
