package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.MAX_ROWS;

/**
 * How a batch of matrix products is cut into tasks: blocks of rows whose part of A stays in the
 * second-level cache, and for flat results groups of panels. Only sizes decide. Tasks are alike but
 * for one tile, or one thread waits for another's.
 *
 * @param m rows of the result
 * @param panelCount panels of the right factor
 * @param block rows that should be worked on at a time
 * @param down tasks from top to bottom
 * @param across tasks from left to right
 */
record Tasks(int m, int panelCount, int block, int down, int across) {
  private static final int CACHED_FLOATS = 1 << 17;
  private static final int ENOUGH = 8;

  /** Rows that make up for making the panels they are multiplied by. */
  static final int REWARDING_ROWS = 768;

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
    return new Tasks(m, panelCount, rows, divideUp(m, rows), divideUp(panelCount, panels));
  }

  /**
   * The same products in tasks that make their panels themselves: as many panels as stay in the
   * second-level cache, for more rows than that holds.
   */
  Tasks forMaking(int products, int k) {
    int most = Math.min(m, Math.max(1, divideUp(REWARDING_ROWS, block)) * block);
    int some = Math.min(panelCount, Math.max(1, CACHED_FLOATS / k / MicroKernel.WIDTH));
    while (some > 1 && products * divideUp(m, most) * divideUp(panelCount, some) < ENOUGH) {
      some = divideUp(some, 2);
    }
    return new Tasks(m, panelCount, block, divideUp(m, most), divideUp(panelCount, some));
  }

  int count() {
    return down * across;
  }

  int firstRow(int task) {
    return row(task / across);
  }

  int endRow(int task) {
    return row(task / across + 1);
  }

  private int row(int part) {
    int tiles = divideUp(m, MAX_ROWS);
    return Math.min(m, (int) ((long) part * tiles / down) * MAX_ROWS);
  }

  int firstPanel(int task) {
    return panel(task % across);
  }

  int endPanel(int task) {
    return panel(task % across + 1);
  }

  private int panel(int part) {
    return (int) ((long) part * panelCount / across);
  }

  /** Tasks that one thread should do in a row because they are small. */
  int grain(int n, int k) {
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
