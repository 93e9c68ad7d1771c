package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.cuda.Arguments.Struct;
import io.github.pix2pixzero.cuda.Tiling.Layout;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;

/** Convolutions and their gradients, as matrix products whose windows are never stored. */
final class Convolutions {
  private final Device device;
  private final Tiling tiling;

  Convolutions(Device device, Tiling tiling) {
    this.device = device;
    this.tiling = tiling;
  }

  /** {@code bias} and {@code addend} may be 0. */
  void forward(Conv2dSpec spec, long x, long weight, long bias, long addend, long out) {
    Finish finish = new Finish(bias, addend, 0);
    forward("conv2d", layout(spec, Layout.BOXES), 1, spec, finish, out, x, weight, bias, addend);
  }

  void inputGradient(Conv2dSpec spec, long gradOut, long weight, long gradX) {
    inputGradient(
        "conv2d_input_gradient",
        layout(spec, Layout.WHOLE),
        1,
        spec,
        Finish.NONE,
        gradX,
        gradOut,
        weight);
  }

  void weightGradient(Conv2dSpec spec, long x, long gradOut, long gradWeight) {
    int rows = taps(spec) * spec.inChannels();
    Tiling.Plan plan =
        tiling.plan(layout(spec, Layout.WHOLE), 1, rows, spec.outChannels(), spec.outPixels());
    run("conv2d_weight_gradient", plan, spec, Finish.NONE, gradWeight, x, gradOut);
  }

  /** Of each picture by itself; {@code after} may be 0. */
  void modulated(Conv2dSpec spec, long x, long before, long weight, long after, long out) {
    Finish finish = new Finish(0, 0, after);
    forward(
        "modulated_conv2d",
        Layout.LOOSE,
        spec.batch(),
        one(spec),
        finish,
        out,
        x,
        before,
        weight,
        after);
  }

  /** Of each picture by itself; {@code after} may be 0. */
  void modulatedInputGradient(
      Conv2dSpec spec, long gradOut, long before, long weight, long after, long gradX) {
    Finish finish = new Finish(0, 0, after);
    inputGradient(
        "modulated_conv2d_input_gradient",
        Layout.LOOSE,
        spec.batch(),
        one(spec),
        finish,
        gradX,
        gradOut,
        before,
        weight,
        after);
  }

  private void forward(
      String kernel,
      Layout layout,
      int pictures,
      Conv2dSpec spec,
      Finish finish,
      long out,
      long... inputs) {
    int depth = taps(spec) * spec.inChannels();
    Tiling.Plan plan = tiling.plan(layout, pictures, spec.outPixels(), spec.outChannels(), depth);
    run(kernel, plan, spec, finish, out, inputs);
  }

  private void inputGradient(
      String kernel,
      Layout layout,
      int pictures,
      Conv2dSpec spec,
      Finish finish,
      long gradX,
      long... inputs) {
    int depth = taps(spec) * spec.outChannels();
    Tiling.Plan plan = tiling.plan(layout, pictures, spec.inPixels(), spec.inChannels(), depth);
    run(kernel, plan, spec, finish, gradX, inputs);
  }

  /** A layout if channels come in whole chunks; storages begin at multiples of 16 bytes. */
  private static Layout layout(Conv2dSpec spec, Layout whole) {
    return spec.inChannels() % 8 == 0 && spec.outChannels() % 8 == 0 ? whole : Layout.LOOSE;
  }

  private static int taps(Conv2dSpec spec) {
    return spec.kernel() * spec.kernel();
  }

  /** The convolution of one picture of the batch. */
  private static Conv2dSpec one(Conv2dSpec spec) {
    return new Conv2dSpec(
        1,
        spec.height(),
        spec.width(),
        spec.inChannels(),
        spec.outChannels(),
        spec.kernel(),
        spec.stride(),
        spec.padTop(),
        spec.padLeft(),
        spec.padBottom(),
        spec.padRight());
  }

  /** What becomes of the sums; 0 where there is none. */
  private record Finish(long bias, long addend, long scales) {
    static final Finish NONE = new Finish(0, 0, 0);
  }

  private void run(
      String kernel, Tiling.Plan plan, Conv2dSpec spec, Finish finish, long out, long... inputs) {
    try (Workspace parts = plan.parts(device)) {
      Arguments arguments = new Arguments().add(struct(spec, plan));
      arguments.add(inputs[0]);
      plan.addB(arguments, inputs[1], spec.outChannels(), taps(spec) * spec.inChannels());
      for (int i = 2; i < inputs.length; i++) {
        arguments.add(inputs[i]);
      }
      device
          .launcher()
          .launch(
              "conv_" + plan.family(),
              kernel + "_" + plan.kernel(),
              plan.blocks(),
              plan.threads(),
              plan.shared(),
              arguments.add(out).add(parts == null ? 0L : parts.address()));
      if (parts != null) {
        plan.sum(
            device,
            1,
            plan.m() * plan.n(),
            0,
            plan.n(),
            1f,
            finish.bias(),
            finish.addend(),
            finish.scales(),
            parts.address(),
            out);
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
