package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Initializer;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Conv2d;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.tensor.ops.FirConv2d;

/**
 * A convolution of equalised learning rate, at the same size or to half of it through a {@link
 * Blur}.
 */
final class Conv {
  private final Equalized weight;
  private final Equalized bias;
  private final int kernel;
  private final Blur blur;
  private final Activation activation;

  private Conv(
      Weights weights,
      int in,
      int out,
      int kernel,
      boolean biased,
      Blur blur,
      Activation activation) {
    Weights started = weights.starting(Initializer.equalized(1));
    double gain = activation.gain();
    double factor = gain / Math.sqrt((double) in * kernel * kernel);
    weight = new Equalized(started.convolution("weight", in, out, kernel), factor);
    bias = biased ? new Equalized(started.tensor("bias", out), gain) : null;
    this.kernel = kernel;
    this.blur = blur;
    this.activation = activation;
  }

  /** At the same size. */
  static Conv same(Weights weights, int in, int out, int kernel, Activation activation) {
    return new Conv(weights, in, out, kernel, true, null, activation);
  }

  /** To half the size by a kernel of 3. */
  static Conv down(Weights weights, int in, int out, Blur blur, Activation activation) {
    return new Conv(weights, in, out, 3, true, blur, activation);
  }

  /** To half the size by a kernel of 1, without bias or activation. */
  static Conv skip(Weights weights, int in, int out, Blur blur, Activation activation) {
    return new Conv(weights, in, out, 1, false, blur, activation);
  }

  /** [batch, height, width, in] to [batch, height or half of it, …, out]. */
  Tensor forward(Tensor x) {
    Tensor shift = bias == null ? null : bias.used();
    Tensor y =
        blur == null
            ? Conv2d.of(x, weight.used(), shift, 1, Padding.all(kernel / 2))
            : FirConv2d.down(x, weight.used(), shift, blur.filter(x.backend()));
    return activation.of(y);
  }
}
