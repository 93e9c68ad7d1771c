package io.github.pix2pixzero.tensor.backend.vector;

import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.cpu.HostStorage;
import io.github.pix2pixzero.tensor.backend.cpu.Workers;
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
    Packing.Use use = spec.transposeB() ? Packing.Use.TRANSPOSED : Packing.Use.MATRIX;
    packing.with(
        b,
        use,
        k,
        n * factors,
        factors * Panels.size(k, n),
        panels -> pack(spec, factors, b.array(), panels),
        panels -> multiply(spec, a, panels, bias, out));
  }

<<<<<<< HEAD
=======
  /**
   * Runs {@code body} with the panels of a factor: those kept beside it if it is constant,
   * otherwise panels that are made for the occasion.
   */
  void withPanels(
      HostStorage factor,
      Weights.Use use,
      int depth,
      int columns,
      int size,
      Consumer<float[]> pack,
      Consumer<float[]> body) {
    if (factor.isConstant()) {
      body.accept(
          Weights.panels(
              factor,
              use,
              depth,
              columns,
              () -> {
                float[] panels = new float[size];
                pack.accept(panels);
                return panels;
              }));
      return;
    }
    HostStorage panels = backend.allocate(size);
    try {
      pack.accept(panels.array());
      body.accept(panels.array());
    } finally {
      panels.release();
    }
  }

>>>>>>> plain
  private void pack(MatmulSpec spec, int factors, float[] b, float[] target) {
    int n = spec.n();
    int k = spec.k();
    int size = Panels.size(k, n);
    int count = Panels.count(n);
    int depthStride = spec.transposeB() ? 1 : n;
    int columnStride = spec.transposeB() ? k : 1;
    packing.eachPanel(
        factors * count,
        k,
        panel -> {
          int factor = panel / count;
          new Panels(target, factor * size, k, n)
              .pack(panel % count, b, factor * k * n, depthStride, columnStride);
        });
  }

  private void multiply(MatmulSpec spec, float[] a, float[] panels, float[] bias, float[] out) {
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    int size = Panels.size(k, n);
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
            Panels right = new Panels(panels, spec.sharedB() ? 0 : product * size, k, n);
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
    int[] offsets = scratch.evenRows(0, rows, k);
    if (!spec.transposeA()) {
      return Left.matrix(a, start + row * k, offsets, k);
    }
    float[] turned = scratch.floats(0, rows * k);
    int[] depths = scratch.evenRows(1, k, spec.m());
    Product.turn(rows, k, a, start + row, depths, turned);
    return Left.matrix(turned, 0, offsets, k);
  }
}
