package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.cuda.Launcher.divideUp;

/** Sums; long ones in two launches, the second of which adds up the parts that the first leaves. */
final class Reductions {
  private static final int COLUMN_PART = 256;
  private static final int ROW_PART = 32768;

  private final Device device;

  Reductions(Device device) {
    this.device = device;
  }

  /** {@code out[o, i] = Σ_r x[o, r, i]}. */
  void sum(int outer, int reduced, int inner, long x, long out) {
    int depth = inner == 1 ? ROW_PART : COLUMN_PART;
    int parts = divideUp(reduced, depth);
    if (parts == 1) {
      launch(outer, reduced, inner, 1, reduced, x, out);
      return;
    }
    try (Workspace partials = new Workspace(device, outer * parts * inner)) {
      launch(outer, reduced, inner, parts, depth, x, partials.address());
      sum(outer, parts, inner, partials.address(), out);
    }
  }

  private void launch(int outer, int reduced, int inner, int parts, int depth, long x, long out) {
    if (inner == 1) {
      device
          .launcher()
          .rows(
              "reduction",
              "sum_rows",
              outer * parts,
              depth,
              new Arguments().add(reduced).add(parts).add(depth).add(x).add(out));
      return;
    }
    int size = outer * parts * inner;
    device
        .launcher()
        .loop(
            "reduction",
            "sum_columns",
            size,
            new Arguments()
                .add(size)
                .add(reduced)
                .add(parts)
                .add(depth)
                .add(Divisor.of(inner))
                .add(Divisor.of(parts))
                .add(x)
                .add(out));
  }
}
