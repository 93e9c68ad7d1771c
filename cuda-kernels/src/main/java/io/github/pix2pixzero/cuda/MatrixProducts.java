package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import io.github.pix2pixzero.cuda.Tiling.Layout;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;

/** Matrix products, also those of attention whose matrices lie between those of other heads. */
final class MatrixProducts {
  private final Device device;
  private final Tiling tiling;

  MatrixProducts(Device device, Tiling tiling) {
    this.device = device;
    this.tiling = tiling;
  }

  /**
   * A batch of products. Product p is number {@code p / inner} of the outer ones and {@code p %
   * inner} of the inner ones; a matrix begins at the sum of its outer and inner multiples.
   *
   * @param stride from one row, as it is stored, to the next
   */
  record Operand(long address, int stride, int outer, int inner) {
    /** See {@link Tiling.Layout}; of {@code length} elements side by side. */
    private boolean isWhole(int length) {
      return address % 16 == 0
          && stride % 8 == 0
          && outer % 8 == 0
          && inner % 8 == 0
          && length % 8 == 0;
    }
  }

  /** {@code bias} and {@code addend} may be 0. */
  void matmul(MatmulSpec spec, long a, long b, long bias, long addend, long out) {
    int m = spec.m();
    int n = spec.n();
    int k = spec.k();
    run(
        spec,
        1,
        new Operand(a, spec.transposeA() ? m : k, spec.sharedA() ? 0 : m * k, 0),
        new Operand(b, spec.transposeB() ? k : n, spec.sharedB() ? 0 : k * n, 0),
        bias,
        addend,
        new Operand(out, n, m * n, 0));
  }

  /**
   * GEGLU of one product plus {@code bias}, which may be 0: {@code out} [m, n / 2]. For precisions
   * of 16 bits, and matrices as they are written.
   */
  void geglu(MatmulSpec spec, long a, long b, long bias, long out) {
    int width = spec.n() / 2;
    Operand left = new Operand(a, spec.k(), 0, 0);
    Operand right = new Operand(b, spec.n(), 0, 0);
    // Values and gates lie in chunks of their own.
    int columns = 2 * 8 * Launcher.divideUp(width, 8);
    Layout layout = left.isWhole(spec.k()) && right.isWhole(width) ? Layout.WHOLE : Layout.LOOSE;
    Tiling.Plan plan = tiling.unsplit(layout, spec.m(), columns, spec.k());
    device
        .launcher()
        .launch(
            "matmul_" + plan.family(),
            "matmul_geglu_" + plan.kernel(),
            plan.blocks(),
            plan.threads(),
            plan.shared(),
            new Arguments()
                .add(struct(spec, 1, left, right, new Operand(out, width, 0, 0), plan))
                .add(a)
                .add(b)
                .add(bias)
                .add(out));
  }

  private static Struct struct(
      MatmulSpec spec, int inner, Operand a, Operand b, Operand out, Tiling.Plan plan) {
    return new Struct()
        .addAll(spec.m(), spec.n(), spec.k(), a.stride(), b.stride(), out.stride())
        .add(Divisor.of(inner))
        .addAll(a.outer(), a.inner(), b.outer(), b.inner(), out.outer(), out.inner())
        .add(plan.grid())
        .add(spec.alpha());
  }

  /** {@code spec.batch()} products, {@code inner} of them to each outer one. */
  void run(MatmulSpec spec, int inner, Operand a, Operand b, Operand out) {
    run(spec, inner, a, b, 0, 0, out);
  }

  private void run(
      MatmulSpec spec, int inner, Operand a, Operand b, long bias, long addend, Operand out) {
    int m = spec.m();
    int n = spec.n();
    boolean whole =
        a.isWhole(spec.transposeA() ? m : spec.k()) && b.isWhole(spec.transposeB() ? spec.k() : n);
    boolean written =
        spec.batch() == 1 && !spec.transposeA() && !spec.transposeB() && b.stride() == n;
    Layout layout = !whole ? Layout.LOOSE : written ? Layout.BOXES : Layout.WHOLE;
    Tiling.Plan plan = tiling.plan(layout, spec.batch(), m, n, spec.k());
    String kernel =
        "matmul_%s%s_%s"
            .formatted(spec.transposeA() ? "t" : "n", spec.transposeB() ? "t" : "n", plan.kernel());
    Struct struct = struct(spec, inner, a, b, out, plan);
    try (Workspace parts = plan.parts(device)) {
      Arguments arguments = new Arguments().add(struct).add(a.address());
      plan.addB(arguments, b.address(), n, spec.k());
      device
          .launcher()
          .launch(
              "matmul_" + plan.family(),
              kernel,
              plan.blocks(),
              plan.threads(),
              plan.shared(),
              arguments
                  .add(bias)
                  .add(addend)
                  .add(out.address())
                  .add(parts == null ? 0L : parts.address()));
      if (parts != null) {
        plan.sum(
            device,
            inner,
            out.outer(),
            out.inner(),
            out.stride(),
            spec.alpha(),
            bias,
            addend,
            0,
            parts.address(),
            out.address());
      }
    }
  }
}
