package io.github.pix2pixzero.tensor.internal.vector;

import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.internal.cpu.HostStorage;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Layout;
import io.github.pix2pixzero.tensor.internal.vector.Packing.Use;
import io.github.pix2pixzero.tensor.internal.vector.Product.Left;
import io.github.pix2pixzero.tensor.internal.vector.Product.Result;

/** Batched matrix products. */
final class MatmulKernels {
  /** Rows at multiples of this distance all meet in one set of the first-level cache. */
  private static final int ALIASED = 1024;

  /** Panels that make up for moving the rows apart. */
  private static final int ENOUGH_PANELS = 8;

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
    int depthStride = turned ? 1 : n;
    int columnStride = turned ? k : 1;
    try (Factors right =
        packing.factors(
            b,
            layout,
            spec.m() <= Tasks.REWARDING_ROWS && factors == spec.batch(),
            (target, factor, panel) ->
                Packing.pack(target, panel, 0, k, b, factor * k * n, depthStride, columnStride))) {
      multiply(spec, a, right, bias, out);
    }
  }

  private void multiply(MatmulSpec spec, float[] a, Factors right, float[] bias, float[] out) {
    Tasks tasks = right.tasks(spec.batch(), spec.m());
    workers.range(
        spec.batch() * tasks.count(),
        tasks.grain(spec.n(), spec.k()),
        (from, to) -> {
          for (int task = from; task < to; task++) {
            int product = task / tasks.count();
            multiply(spec, tasks, product, task % tasks.count(), a, right, bias, out);
          }
        });
  }

  /** One task. */
  private static void multiply(
      MatmulSpec spec,
      Tasks tasks,
      int product,
      int task,
      float[] a,
      Factors right,
      float[] bias,
      float[] out) {
    int n = spec.n();
    int end = tasks.endRow(task);
    int panel = tasks.firstPanel(task);
    int endPanel = tasks.endPanel(task);
    Panels panels = right.panels(spec.sharedB() ? 0 : product, panel, endPanel);
    for (int first = tasks.firstRow(task); first < end; first += tasks.block()) {
      int rows = Math.min(tasks.block(), end - first);
      int start = (product * spec.m() + first) * n;
      Product.multiply(
          rows,
          left(spec, product, first, rows, a),
          panels,
          0,
          panel,
          endPanel,
          new Result(out, start, n, spec.alpha(), bias, false));
    }
  }

  private static Left left(MatmulSpec spec, int product, int row, int rows, float[] a) {
    int k = spec.k();
    int start = spec.sharedA() ? 0 : product * spec.m() * k;
    Scratch scratch = Scratch.get();
    int stride = Product.spread(k);
    if (!spec.transposeA()) {
      return k % ALIASED == 0 && Panels.count(spec.n()) >= ENOUGH_PANELS
          ? apart(rows, k, a, start + row * k, stride)
          : Left.matrix(a, start + row * k, scratch.evenRows(0, rows, k), k);
    }
    float[] turned = scratch.floats(0, rows * stride);
    int[] depths = scratch.evenRows(1, k, spec.m());
    Product.turn(rows, k, a, start + row, depths, turned, 0, stride);
    return Left.matrix(turned, 0, scratch.evenRows(0, rows, stride), k);
  }

  /** A copy of the rows, so far apart that they do not get in each other's way in the cache. */
  private static Left apart(int rows, int k, float[] a, int start, int stride) {
    Scratch scratch = Scratch.get();
    float[] copy = scratch.floats(0, rows * stride);
    for (int i = 0; i < rows; i++) {
      System.arraycopy(a, start + i * k, copy, i * stride, k);
    }
    return Left.matrix(copy, 0, scratch.evenRows(0, rows, stride), k);
  }
}
