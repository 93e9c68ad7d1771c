package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.WIDTH;

/** Matrix products of a block of rows with some panels, tile by tile. */
final class Product {
  /** Columns that do not make up for turning the left factor. */
  private static final int FEW_COLUMNS = 64;

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
   * A left factor that is the transpose of a matrix whose rows lie anywhere.
   *
   * @param rows where the rows begin, in ascending order, counted from {@code start}
   * @param depth how many there are
   */
  record Turned(float[] array, int start, int[] rows, int depth) {
    /** The elements that can be read from every row. */
    int readable() {
      return array.length - start - rows[depth - 1];
    }
  }

  /**
   * Where {@code alpha · A · B + bias} goes.
   *
   * @param start of the first row of the block, at the first column of B
   * @param stride between rows
   * @param alpha 1 if the left factor has several segments
   * @param bias one number a column of B, or null
   * @param accumulate add to what is there; the bias must be null
   */
  record Result(
      float[] array, int start, int stride, float alpha, float[] bias, boolean accumulate) {
    static Result plain(float[] array, int start, int stride) {
      return new Result(array, start, stride, 1f, null, false);
    }

    /** Whether what is there, or the bias, can be what a tile begins with. */
    boolean beginsTile() {
      return alpha == 1 || (bias == null && !accumulate);
    }

    /** The same without the rows before one. */
    Result fromRow(int row) {
      return new Result(array, start + row * stride, stride, alpha, bias, accumulate);
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
        if (valid == width && result.beginsTile()) {
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
      base = result.bias == null ? MicroKernel.ZEROS : result.bias;
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

  /** A tile that sticks out on the right, or is added to something scaled, is computed aside. */
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
    place(rows, valid, tile, width, result.fromRow(row), column);
  }

  /** Brings what was computed aside to where it belongs. */
  private static void place(
      int rows, int valid, float[] tile, int width, Result result, int column) {
    float[] out = result.array;
    for (int i = 0; i < rows; i++) {
      int to = result.start + i * result.stride + column;
      if (result.accumulate) {
        RowLoops.add(valid, tile, i * width, out, to, out, to);
      } else if (result.bias != null) {
        RowLoops.add(valid, tile, i * width, result.bias, column, out, to);
      } else {
        System.arraycopy(tile, i * width, out, to, valid);
      }
    }
  }

  /**
   * Multiplies a transposed matrix. For few columns it is read where it lies, which turning it for
   * them would take longer than.
   *
   * @param count rows of the result: elements that are read from each row of the matrix
   * @param depthFrom the row of B that meets the first of them
   * @param result with a factor of 1 and without a bias
   */
  static void multiply(int count, Turned left, Panels right, int depthFrom, Result result) {
    int direct = 0;
    if (right.columns() <= FEW_COLUMNS) {
      direct = Math.min(count, left.readable() / TurnedKernel.ROWS * TurnedKernel.ROWS);
      multiplyInPlace(direct, left, right, depthFrom, result);
    }
    int rows = count - direct;
    if (rows > 0) {
      Scratch scratch = Scratch.get();
      int stride = spread(left.depth);
      float[] turned = scratch.floats(0, rows * stride);
      turn(rows, left.depth, left.array, left.start + direct, left.rows, turned, 0, stride);
      Left matrix = Left.matrix(turned, 0, scratch.evenRows(1, rows, stride), left.depth);
      multiply(rows, matrix, right, depthFrom, 0, right.count(), result.fromRow(direct));
    }
  }

  private static void multiplyInPlace(
      int count, Turned left, Panels right, int depthFrom, Result result) {
    float[] tile = Scratch.get().tile;
    int width;
    for (int column = 0; column < right.columns(); column += width) {
      int panel = column / WIDTH;
      int panelWidth = right.width(panel);
      width = TurnedKernel.tileWidth(panelWidth);
      int from = right.panelStart(panel) + depthFrom * panelWidth + column % WIDTH;
      int valid = Math.min(width, right.columns() - column);
      // As in the other way, or bits would depend on how many rows can be read in place.
      boolean whole = right.columns() - panel * WIDTH >= panelWidth;
      boolean added = whole && result.accumulate;
      for (int row = 0; row < count; row += TurnedKernel.ROWS) {
        int rows = Math.min(TurnedKernel.ROWS, count - row);
        int to = result.start + row * result.stride + column;
        TurnedKernel.tile(
            width,
            rows,
            left.depth,
            left.array,
            left.start + row,
            left.rows,
            right.array(),
            from,
            panelWidth,
            added ? result.array : MicroKernel.ZEROS,
            added ? to : 0,
            added ? result.stride : 0,
            whole ? result.array : tile,
            whole ? to : 0,
            whole ? result.stride : width);
        if (!whole) {
          place(rows, valid, tile, width, result.fromRow(row), column);
        }
      }
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
