package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.WIDTH;

/** Matrix products of a block of rows with some panels, tile by tile. */
final class Product {
  private static final float[] ZEROS = new float[WIDTH];

  /** Floats in a line of the cache. */
  private static final int CACHE_LINE = 16;

  private Product() {}

  /**
   * The left factor. A row consists of {@code segments} runs of {@code depth} elements, {@code
   * segmentStride} apart: one for a matrix, one for each line of the window of a convolution.
   *
   * @param rows where each row begins, counted from {@code start}
   */
  record Left(float[] array, int start, int[] rows, int segments, int segmentStride, int depth) {
    static Left matrix(float[] array, int start, int[] rows, int depth) {
      return new Left(array, start, rows, 1, 0, depth);
    }
  }

  /**
   * Where {@code alpha · A · B + bias} goes.
   *
   * @param start of the first row of the block, at the first column of B
   * @param stride between rows
   * @param bias one number a column of B, or null
   * @param accumulate add to what is there; the bias must be null
   */
  record Result(
      float[] array, int start, int stride, float alpha, float[] bias, boolean accumulate) {
    static Result plain(float[] array, int start, int stride) {
      return new Result(array, start, stride, 1f, null, false);
    }
  }

  /** Multiplies by all of B. */
  static void multiply(int count, Left left, Panels right, Result result) {
    multiply(count, left, right, 0, 0, right.count(), result);
  }

  /**
   * Multiplies {@code count} rows by the panels {@code firstPanel} to {@code endPanel}.
   *
   * @param depthFrom the row of B that meets the first element of a row of A
   */
  static void multiply(
      int count,
      Left left,
      Panels right,
      int depthFrom,
      int firstPanel,
      int endPanel,
      Result result) {
    for (int panel = firstPanel; panel < endPanel; panel++) {
      int width = right.width(panel);
      int from = right.panelStart(panel) + depthFrom * width;
      int column = panel * WIDTH;
      int valid = Math.min(width, right.columns() - column);
      int rows;
      for (int row = 0; row < count; row += rows) {
        rows = MicroKernel.tileRows(count - row, width);
        if (valid == width) {
          inner(rows, width, row, column, left, right.array(), from, result);
        } else {
          edge(rows, width, valid, row, column, left, right.array(), from, result);
        }
      }
    }
  }

  private static void inner(
      int rows, int width, int row, int column, Left left, float[] b, int from, Result result) {
    float[] out = result.array;
    int to = result.start + row * result.stride + column;
    float[] base = out;
    int baseStart = to;
    int baseStride = result.stride;
    if (!result.accumulate) {
      base = result.bias == null ? ZEROS : result.bias;
      baseStart = result.bias == null ? 0 : column;
      baseStride = 0;
    }
    for (int s = 0; s < left.segments; s++) {
      MicroKernel.tile(
          width,
          rows,
          left.depth,
          left.array,
          left.start + s * left.segmentStride,
          left.rows,
          row,
          b,
          from + s * left.depth * width,
          result.alpha,
          base,
          baseStart,
          baseStride,
          out,
          to,
          result.stride);
      base = out;
      baseStart = to;
      baseStride = result.stride;
    }
  }

  /** A tile that sticks out on the right is computed aside. */
  private static void edge(
      int rows,
      int width,
      int valid,
      int row,
      int column,
      Left left,
      float[] b,
      int from,
      Result result) {
    float[] tile = Scratch.get().tile;
    Result aside = new Result(tile, -row * width - column, width, result.alpha, null, false);
    inner(rows, width, row, column, left, b, from, aside);
    float[] out = result.array;
    for (int i = 0; i < rows; i++) {
      int to = result.start + (row + i) * result.stride + column;
      if (result.accumulate) {
        add(valid, tile, i * width, out, to, out, to);
      } else if (result.bias != null) {
        add(valid, tile, i * width, result.bias, column, out, to);
      } else {
        System.arraycopy(tile, i * width, out, to, valid);
      }
    }
  }

  private static void add(
      int count, float[] a, int aStart, float[] b, int bStart, float[] out, int to) {
    for (int j = 0; j < count; j++) {
      out[to + j] = a[aStart + j] + b[bStart + j];
    }
  }

  /** A distance at which rows of {@code size} elements do not meet in one set of a cache. */
  static int spread(int size) {
    return (Tasks.divideUp(size, CACHE_LINE) | 1) * CACHE_LINE;
  }

  /**
   * Copies {@code count} columns of a matrix into rows of {@code depth} elements, {@code stride}
   * apart.
   *
   * @param from where the first of the columns is in a row that begins at 0
   * @param rows where each of the matrix's rows begins
   * @param to where the first row goes
   */
  static void turn(
      int count,
      int depth,
      float[] source,
      int from,
      int[] rows,
      float[] target,
      int to,
      int stride) {
    for (int first = 0; first < depth; first += CACHE_LINE) {
      int last = Math.min(depth, first + CACHE_LINE);
      for (int i = 0; i < count; i++) {
        int row = to + i * stride;
        int at = from + i;
        for (int k = first; k < last; k++) {
          target[row + k] = source[at + rows[k]];
        }
      }
    }
  }
}
