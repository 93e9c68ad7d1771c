package io.github.pix2pixzero.tensor.backend.vector;

import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.cpu.HostStorage;
import io.github.pix2pixzero.tensor.backend.cpu.Workers;
import io.github.pix2pixzero.tensor.backend.vector.Packing.Borrowed;
import io.github.pix2pixzero.tensor.backend.vector.Packing.Layout;
import io.github.pix2pixzero.tensor.backend.vector.Packing.Use;
import io.github.pix2pixzero.tensor.backend.vector.Product.Left;
import io.github.pix2pixzero.tensor.backend.vector.Product.Result;

/** Batched matrix products. */
final class MatmulKernels {
  private final Workers workers;
  private final Packing packing;

  MatmulKernels(Workers workers, Packing packing) {
    this.workers = workers;
    this.packing = packing;
  }

  void matmul(MatmulSpec spec, float[] a, HostStorage b, float[] bias, float[] out) {
    int n = spec.n();
    int k = spec.k();
    int factors = spec.sharedB() ? 1 : spec.batch();
    boolean turned = spec.transposeB();
    Layout layout = new Layout(turned ? Use.TRANSPOSED : Use.MATRIX, factors, k, n);
    try (Borrowed panels =
        packing.panels(
            b,
            layout,
            target -> packing.fill(layout, b.array(), turned ? 1 : n, turned ? k : 1, target))) {
      multiply(spec, a, layout, panels.array(), bias, out);
    }
  }

  private void multiply(
      MatmulSpec spec, float[] a, Layout layout, float[] panels, float[] bias, float[] out) {
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    Tasks tasks = Tasks.of(spec.batch(), m, n, k);
    workers.range(
        spec.batch() * tasks.count(),
        tasks.grain(m, n, k),
        (from, to) -> {
          for (int task = from; task < to; task++) {
            int product = task / tasks.count();
            int row = task % tasks.count() / tasks.across() * tasks.rows();
            int panel = task % tasks.across() * tasks.panels();
            int rows = Math.min(tasks.rows(), m - row);
            Panels right = layout.panels(panels, spec.sharedB() ? 0 : product);
            Product.multiply(
                rows,
                left(spec, product, row, rows, a),
                right,
                0,
                panel,
                Math.min(right.count(), panel + tasks.panels()),
                new Result(out, (product * m + row) * n, n, spec.alpha(), bias, false));
          }
        });
  }

  private static Left left(MatmulSpec spec, int product, int row, int rows, float[] a) {
    int k = spec.k();
    int start = spec.sharedA() ? 0 : product * spec.m() * k;
    Scratch scratch = Scratch.get();
    if (!spec.transposeA()) {
      return Left.matrix(a, start + row * k, scratch.evenRows(0, rows, k), k);
    }
    int stride = Product.spread(k);
    float[] turned = scratch.floats(0, rows * stride);
    int[] depths = scratch.evenRows(1, k, spec.m());
    Product.turn(rows, k, a, start + row, depths, turned, 0, stride);
    return Left.matrix(turned, 0, scratch.evenRows(0, rows, stride), k);
  }
}
