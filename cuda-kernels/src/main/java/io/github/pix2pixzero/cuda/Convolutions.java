package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;

/** Convolutions and their gradients, as matrix products whose windows are never stored. */
final class Convolutions {
  private static final long[] NOTHING = {};

  private final Device device;
  private final Tiling tiling;

  Convolutions(Device device, Tiling tiling) {
    this.device = device;
    this.tiling = tiling;
  }

  /** {@code bias} and {@code addend} may be 0. */
  void forward(Conv2dSpec spec, long x, long weight, long bias, long addend, long out) {
    int depth = taps(spec) * spec.inChannels();
    long[] more = {bias, addend};
    run("conv2d", spec, spec.outPixels(), spec.outChannels(), depth, x, weight, more, out);
  }

  void inputGradient(Conv2dSpec spec, long gradOut, long weight, long gradX) {
    int depth = taps(spec) * spec.outChannels();
    run(
        "conv2d_input_gradient",
        spec,
        spec.inPixels(),
        spec.inChannels(),
        depth,
        gradOut,
        weight,
        NOTHING,
        gradX);
  }

  void weightGradient(Conv2dSpec spec, long x, long gradOut, long gradWeight) {
    int rows = taps(spec) * spec.inChannels();
    run(
        "conv2d_weight_gradient",
        spec,
        rows,
        spec.outChannels(),
        spec.outPixels(),
        x,
        gradOut,
        NOTHING,
        gradWeight);
  }

  private static int taps(Conv2dSpec spec) {
    return spec.kernel() * spec.kernel();
  }

  /**
   * @param more bias and addend, for a kernel that takes them
   */
  private void run(
      String kernel,
      Conv2dSpec spec,
      int rows,
      int columns,
      int depth,
      long a,
      long b,
      long[] more,
      long out) {
    Tiling.Plan plan = tiling.plan(1, rows, columns, depth);
    try (Workspace parts = plan.parts(device)) {
      Arguments arguments = new Arguments().add(struct(spec, plan)).add(a).add(b);
      for (long address : more) {
        arguments.add(address);
      }
      device
          .launcher()
          .launch(
              "conv_" + plan.family(),
              kernel + "_" + plan.kernel(),
              plan.blocks(),
              plan.threads(),
              arguments.add(out).add(parts == null ? 0L : parts.address()));
      if (parts != null) {
        long bias = more.length == 0 ? 0 : more[0];
        long addend = more.length == 0 ? 0 : more[1];
        plan.sum(device, 1, 0, 0, columns, 1f, bias, addend, parts.address(), out);
      }
    }
  }

  private static Struct struct(Conv2dSpec spec, Tiling.Plan plan) {
    return new Struct()
        .addAll(spec.outPixels(), spec.inPixels(), spec.height(), spec.width(), spec.stride())
        .addAll(spec.padTop(), spec.padLeft(), taps(spec))
        .add(Divisor.of(spec.kernel()))
        .add(Divisor.of(spec.inChannels()))
        .add(Divisor.of(spec.outChannels()))
        .add(Divisor.of(spec.outHeight()))
        .add(Divisor.of(spec.outWidth()))
        .add(Divisor.of(spec.height()))
        .add(Divisor.of(spec.width()))
        .add(Divisor.of(spec.stride()))
        .add(plan.grid());
  }
}
