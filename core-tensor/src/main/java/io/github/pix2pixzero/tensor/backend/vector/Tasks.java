package io.github.pix2pixzero.tensor.backend.vector;

import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.MAX_ROWS;

/**
 * How a batch of matrix products is cut into tasks: blocks of rows whose part of A stays in the
 * second-level cache, and for flat results groups of panels. Only sizes decide.
 *
 * @param rows rows of a task, as a rule a multiple of the tile's
 * @param panels panels of a task
 * @param down tasks from top to bottom
 * @param across tasks from left to right
 */
record Tasks(int rows, int panels, int down, int across) {
  private static final int CACHED_FLOATS = 1 << 17;
  private static final int ENOUGH = 8;

  /** Multiplications worth the time it takes to start a task. */
  private static final long GRAIN = 1 << 19;

  static Tasks of(int products, int m, int n, int k) {
    int panelCount = Panels.count(n);
    int rows = Math.min(m, Math.max(1, CACHED_FLOATS / k / MAX_ROWS) * MAX_ROWS);
    int panels = panelCount;
    while (products * divideUp(m, rows) * divideUp(panelCount, panels) < ENOUGH
        && (long) rows * n / divideUp(panelCount, panels) * k > GRAIN) {
      if (rows > 4 * MAX_ROWS || panels == 1 && rows > MAX_ROWS) {
        rows = divideUp(divideUp(rows, 2), MAX_ROWS) * MAX_ROWS;
      } else if (panels > 1) {
        panels = divideUp(panels, 2);
      } else {
        break;
      }
    }
    return new Tasks(rows, panels, divideUp(m, rows), divideUp(panelCount, panels));
  }

  int count() {
    return down * across;
  }

  /** Tasks that one thread should do in a row because they are small. */
  int grain(int m, int n, int k) {
    return count() > 1 ? 1 : grain((long) m * n * k);
  }

  /** Tasks of so many multiplications that one thread should do in a row. */
  static int grain(long multiplications) {
    return (int) Math.max(1, GRAIN / multiplications);
  }

  static int divideUp(int size, int part) {
    return (size + part - 1) / part;
  }
}
