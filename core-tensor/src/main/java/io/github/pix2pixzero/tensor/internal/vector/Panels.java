package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.WIDTH;

import java.util.Arrays;

/**
 * The right factor of a matrix product, rearranged so that the innermost loop reads it from front
 * to back: panels of {@link MicroKernel#WIDTH} columns, each [depth, width], one after another. The
 * last panel is one vector wide if that is enough; columns it has too many are zero.
 *
 * @param array holds the panels from {@code start} on
 * @param depth rows of the factor
 * @param columns columns of the factor
 */
record Panels(float[] array, int start, int depth, int columns) {
  private static final int TURNED_DEPTH = 64;

  /** Floats the panels of a factor take. */
  static int size(int depth, int columns) {
    return Math.multiplyExact(depth, Tasks.divideUp(columns, LANES) * LANES);
  }

  static int count(int columns) {
    return Tasks.divideUp(columns, WIDTH);
  }

  int count() {
    return count(columns);
  }

  /** Columns of a panel, filling included. */
  int width(int panel) {
    return columns - panel * WIDTH <= LANES ? LANES : WIDTH;
  }

  int panelStart(int panel) {
    return start + panel * WIDTH * depth;
  }

  /**
   * Fills a panel from a factor whose element (k, j) is {@code source[from + k · depthStride + j ·
   * columnStride]}.
   */
  void pack(int panel, float[] source, int from, int depthStride, int columnStride) {
    pack(panel, 0, depth, source, from, depthStride, columnStride);
  }

  /**
   * Fills the rows {@code first} to {@code first + rows} of a panel; {@code from} is where row
   * {@code first} begins.
   */
  void pack(
      int panel, int first, int rows, float[] source, int from, int depthStride, int columnStride) {
    int width = width(panel);
    int column = panel * WIDTH;
    int valid = Math.min(width, columns - column);
    int target = panelStart(panel) + first * width;
    int begin = from + column * columnStride;
    if (valid < width) {
      Arrays.fill(array, target, target + rows * width, 0f);
    }
    if (columnStride == 1) {
      for (int k = 0; k < rows; k++) {
        System.arraycopy(source, begin + k * depthStride, array, target + k * width, valid);
      }
    } else {
      turn(valid, rows, source, begin, columnStride, depthStride, array, target, width);
    }
  }

  private static void turn(
      int valid,
      int rows,
      float[] source,
      int begin,
      int columnStride,
      int depthStride,
      float[] target,
      int start,
      int width) {
    for (int k0 = 0; k0 < rows; k0 += TURNED_DEPTH) {
      int end = Math.min(rows, k0 + TURNED_DEPTH);
      for (int j = 0; j < valid; j++) {
        int column = begin + j * columnStride;
        for (int k = k0; k < end; k++) {
          target[start + k * width + j] = source[column + k * depthStride];
        }
      }
    }
  }
}
