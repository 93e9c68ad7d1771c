package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import java.util.Arrays;

/** Batched matrix products in tiles of the result. */
final class MatmulKernels {
  private static final int TILE_ROWS = 64;
  private static final int TILE_COLUMNS = 256;

  /** Depth of the part of a transposed right factor that is turned at a time. */
  private static final int TURNED_DEPTH = 128;

  private final Workers workers;

  MatmulKernels(Workers workers) {
    this.workers = workers;
  }

  void matmul(MatmulSpec spec, float[] a, Elements b, float[] bias, float[] out) {
    int tilesDown = divideUp(spec.m(), TILE_ROWS);
    int tilesAcross = divideUp(spec.n(), TILE_COLUMNS);
    int tiles = tilesDown * tilesAcross;
    workers.run(
        spec.batch() * tiles,
        task -> {
          int product = task / tiles;
          int row = task % tiles / tilesAcross * TILE_ROWS;
          int column = task % tilesAcross * TILE_COLUMNS;
          tile(spec, product, row, column, a, b, bias, out);
        });
  }

  private static void tile(
      MatmulSpec spec,
      int product,
      int row,
      int column,
      float[] a,
      Elements b,
      float[] bias,
      float[] out) {
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    int rows = Math.min(TILE_ROWS, m - row);
    int columns = Math.min(TILE_COLUMNS, n - column);
    int outStart = (product * m + row) * n + column;
    for (int i = 0; i < rows; i++) {
      int start = outStart + i * n;
      if (bias == null) {
        Arrays.fill(out, start, start + columns, 0f);
      } else {
        System.arraycopy(bias, column, out, start, columns);
      }
    }
    int aRow = spec.transposeA() ? 1 : k;
    int aDepth = spec.transposeA() ? m : 1;
    int aStart = (spec.sharedA() ? 0 : product * m * k) + row * aRow;
    int bStart = spec.sharedB() ? 0 : product * k * n;
    float alpha = spec.alpha();
    if (!spec.transposeB()) {
      Gemm.accumulate(
          rows,
          columns,
          k,
          alpha,
          a,
          aStart,
          aRow,
          aDepth,
          b,
          bStart + column,
          n,
          out,
          outStart,
          n);
      return;
    }
    float[] turned = Scratch.floats(0, TURNED_DEPTH * columns);
    for (int from = 0; from < k; from += TURNED_DEPTH) {
      int depth = Math.min(TURNED_DEPTH, k - from);
      Gemm.transpose(columns, depth, b, bStart + column * k + from, k, turned, 0, columns);
      int aFrom = aStart + from * aDepth;
      Gemm.accumulate(
          rows,
          columns,
          depth,
          alpha,
          a,
          aFrom,
          aRow,
          aDepth,
          Elements.of(turned),
          0,
          columns,
          out,
          outStart,
          n);
    }
  }

  static int divideUp(int a, int b) {
    return (a + b - 1) / b;
  }
}
