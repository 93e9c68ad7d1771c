package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Initializer;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Conv2d;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.tensor.ops.ModulatedConv2d;

/** Colours, and a mask, of features: a modulated 1×1 convolution that is not demodulated. */
final class ToRgb {
  private final Dense style;
  private final Tensor weight;
  private final Tensor bias;
  private final float factor;

  ToRgb(Weights weights, int in, int out, int styleWidth) {
    Weights started = weights.starting(Initializer.equalized(1));
    style = ModulatedConv.style(weights, styleWidth, in);
    weight = started.convolution("weight", in, out, 1);
    bias = started.tensor("bias", out);
    factor = (float) (1 / Math.sqrt(in));
  }

  /** [batch, height, width, in] to [batch, height, width, out]. */
  Tensor forward(Tensor x, Tensor styles) {
    Tensor scales = style.forward(styles).mul(factor);
    if (x.dim(0) == 1) { // less to multiply than the features
      return Conv2d.of(x, weight.mul(scales.reshape(-1, 1)), bias, 1, Padding.all(0));
    }
    return ModulatedConv2d.of(x, weight, scales, false).add(bias);
  }
}
