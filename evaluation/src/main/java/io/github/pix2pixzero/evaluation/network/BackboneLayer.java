package io.github.pix2pixzero.evaluation.network;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Conv2d;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.tensor.ops.MaxPool2d;

/**
 * A layer of a {@link Backbone}, which can be computed of some rows alone.
 *
 * @param kernel rows of its input that a row of its output is made of
 * @param stride rows of its input from one row of its output to the next
 * @param padding rows of zeros above and below its input
 */
record BackboneLayer(int kernel, int stride, int padding, Rows rows) {
  private static final Padding NONE = Padding.all(0);

  /** The computation. */
  @FunctionalInterface
  interface Rows {
    /**
     * @param x the rows that those wanted are made of
     * @param top how many of these would be padding, and are not there
     * @param bottom the same below
     */
    Tensor of(Tensor x, int top, int bottom);
  }

  /** How many rows, or columns, it makes of so many. */
  int outputs(int inputs) {
    return (inputs + 2 * padding - kernel) / stride + 1;
  }

  static BackboneLayer conv(Weights weights, int in, int out, int kernel, int stride, int padding) {
    Conv2d conv = Conv2d.load(weights, in, out, kernel, stride, Padding.all(padding));
    return new BackboneLayer(
        kernel, stride, padding, (x, top, bottom) -> padded(conv, top, bottom).forward(x));
  }

  static BackboneLayer relu() {
    return new BackboneLayer(1, 1, 0, (x, top, bottom) -> x.relu());
  }

  /** The largest of windows that begin at every second pixel. */
  static BackboneLayer pool(int kernel, boolean ceil) {
    return new BackboneLayer(kernel, 2, 0, (x, top, bottom) -> MaxPool2d.of(x, kernel, 2, ceil));
  }

  /** SqueezeNet's module: a narrow layer, and two side by side that widen it again. */
  static BackboneLayer fire(Weights weights, int in, int narrow, int points, int squares) {
    Conv2d squeeze = Conv2d.load(weights.at("squeeze"), in, narrow, 1, 1, NONE);
    Conv2d one = Conv2d.load(weights.at("expand1x1"), narrow, points, 1, 1, NONE);
    Conv2d three = Conv2d.load(weights.at("expand3x3"), narrow, squares);
    return new BackboneLayer(
        3,
        1,
        1,
        (x, top, bottom) -> {
          Tensor squeezed = squeeze.forward(x).relu();
          Tensor middle = squeezed.slice(1, 1 - top, squeezed.dim(1) - 1 + bottom);
          return Tensor.concat(
              3, one.forward(middle).relu(), padded(three, top, bottom).forward(squeezed).relu());
        });
  }

  private static Conv2d padded(Conv2d conv, int top, int bottom) {
    Padding sides = conv.padding();
    return new Conv2d(
        conv.weight(),
        conv.bias(),
        conv.stride(),
        new Padding(top, sides.left(), bottom, sides.right()));
  }
}
