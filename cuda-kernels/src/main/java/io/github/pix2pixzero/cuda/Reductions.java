package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.cuda.Launcher.divideUp;

import io.github.pix2pixzero.cuda.Arguments.Struct;

/**
 * Sums and maxima. Long ones take several launches, each of which puts together the parts that the
 * one before leaves; the parts of sums are float32.
 */
final class Reductions {
  private static final int COLUMN_PART = 256;
  private static final int ROW_PART = 32768;
  private static final int DISTANCE_PART = 8192;

  private final Device device;
  private final String family;

  Reductions(Device device, ElementType elements) {
    this.device = device;
    family = "reduction_" + elements.suffix();
  }

  /** {@code out[o, i] = Σ_r x[o, r, i]}. */
  void sum(int outer, int reduced, int inner, long x, long out) {
    int parts = parts(reduced, inner);
    if (parts == 1) {
      launch("sum", outer, reduced, inner, 1, x, out);
      return;
    }
    try (Workspace partials = new Workspace(device, outer * parts * inner)) {
      launch("sum_first", outer, reduced, inner, parts, x, partials.address());
      sumParts(outer, parts, inner, partials.address(), out);
    }
  }

  /** The same of floats. */
  void sumParts(int outer, int reduced, int inner, long x, long out) {
    int parts = parts(reduced, inner);
    if (parts == 1) {
      launch("sum_last", outer, reduced, inner, 1, x, out);
      return;
    }
    try (Workspace partials = new Workspace(device, outer * parts * inner)) {
      launch("sum_next", outer, reduced, inner, parts, x, partials.address());
      sumParts(outer, parts, inner, partials.address(), out);
    }
  }

  /** {@code out[0] = weight · Σ (a[i] - b[i])²}. */
  void squaredDistance(int size, float weight, long a, long b, long out) {
    int parts = divideUp(size, DISTANCE_PART);
    try (Workspace partials = new Workspace(device, parts)) {
      device
          .launcher()
          .rows(
              family,
              "squared_distance",
              parts,
              Math.min(size, DISTANCE_PART),
              new Arguments()
                  .add(size)
                  .add(DISTANCE_PART)
                  .add(weight)
                  .add(a)
                  .add(b)
                  .add(partials.address()));
      sumParts(1, parts, 1, partials.address(), out);
    }
  }

  /** {@code out[o, i] = max_r x[o, r, i]}. */
  void max(int outer, int reduced, int inner, long x, long out) {
    int parts = parts(reduced, inner);
    if (parts == 1) {
      launch("max", outer, reduced, inner, 1, x, out);
      return;
    }
    try (Workspace partials = new Workspace(device, outer * parts * inner)) {
      launch("max", outer, reduced, inner, parts, x, partials.address());
      max(outer, parts, inner, partials.address(), out);
    }
  }

  private static int depth(int inner) {
    return inner == 1 ? ROW_PART : COLUMN_PART;
  }

  private static int parts(int reduced, int inner) {
    return divideUp(reduced, depth(inner));
  }

  private void launch(
      String kernel, int outer, int reduced, int inner, int parts, long x, long out) {
    Struct struct =
        new Struct()
            .addAll(reduced, parts, depth(inner))
            .add(Divisor.of(inner))
            .add(Divisor.of(parts));
    if (inner == 1) {
      device
          .launcher()
          .rows(
              family,
              kernel + "_rows",
              outer * parts,
              Math.min(reduced, ROW_PART),
              new Arguments().add(struct).add(x).add(out));
      return;
    }
    int size = outer * parts * inner;
    device
        .launcher()
        .loop(
            family,
            kernel + "_columns",
            size,
            new Arguments().add(size).add(struct).add(x).add(out));
  }
}
