package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Initializer;
import io.github.pix2pixzero.tensor.nn.Weights;
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
    return ModulatedConv2d.of(x, weight, style.forward(styles).mul(factor), false).add(bias);
  }
}
