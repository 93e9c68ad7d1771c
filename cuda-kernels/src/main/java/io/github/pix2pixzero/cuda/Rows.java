package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.cuda.Launcher.divideUp;

/** Softmax and layer normalisation, of which one block works on each row. */
final class Rows {
  /** Rows whose gradients for the parameters of layer normalisation one thread sums. */
  private static final int RUN = 64;

  private final Device device;
  private final ElementType elements;
  private final Reductions reductions;

  Rows(Device device, ElementType elements, Reductions reductions) {
    this.device = device;
    this.elements = elements;
    this.reductions = reductions;
  }

  /**
   * Softmax of each row; in place where {@code out} is {@code x}.
   *
   * @param queries 0, or the rows of a matrix of which row i sees the elements 0 … i only
   */
  void softmax(int rows, int width, int queries, long x, long out) {
    device
        .launcher()
        .rows(
            "softmax_" + elements.suffix(),
            "softmax",
            rows,
            width,
            new Arguments().add(width).add(queries).add(x).add(out));
  }

  /**
   * {@code gradX = factor · y · (g - Σ g · y)} of each row, where g is the sum of {@code gradOut}
   * and {@code more}, which may be 0.
   */
  void softmaxBackward(
      int rows, int width, float factor, long y, long gradOut, long more, long gradX) {
    device
        .launcher()
        .rows(
            "softmax_" + elements.suffix(),
            "softmax_backward",
            rows,
            width,
            new Arguments().add(width).add(factor).add(y).add(gradOut).add(more).add(gradX));
  }

  void layerNorm(
      int rows, int width, float epsilon, long x, long gamma, long beta, long out, long stats) {
    device
        .launcher()
        .rows(
            "layernorm_" + elements.suffix(),
            "layer_norm",
            rows,
            width,
            new Arguments()
                .add(width)
                .add(epsilon)
                .add(x)
                .add(gamma)
                .add(beta)
                .add(out)
                .add(stats));
  }

  void layerNormBackward(
      int rows,
      int width,
      long x,
      long gamma,
      long stats,
      long gradOut,
      long gradX,
      long gradGamma,
      long gradBeta) {
    device
        .launcher()
        .rows(
            "layernorm_" + elements.suffix(),
            "layer_norm_backward",
            rows,
            width,
            new Arguments().add(width).add(x).add(gamma).add(stats).add(gradOut).add(gradX));
    if (gradGamma == 0) {
      return;
    }
    int parts = divideUp(rows, RUN);
    int size = parts * width;
    try (Workspace partials = new Workspace(device, 2 * size)) {
      device
          .launcher()
          .loop(
              "layernorm_" + elements.suffix(),
              "layer_norm_parameters",
              size,
              new Arguments()
                  .add(size)
                  .add(rows)
                  .add(RUN)
                  .add(Divisor.of(width))
                  .add(x)
                  .add(stats)
                  .add(gradOut)
                  .add(partials.address()));
      reductions.sumParts(1, parts, width, partials.address(), gradBeta);
      reductions.sumParts(1, parts, width, partials.address(size), gradGamma);
    }
  }
}
