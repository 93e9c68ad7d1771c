package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Initializer;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.ModulatedConv2d;

/**
 * A 3×3 convolution modulated by a style, with noise, bias and leaky ReLU (Karras et al., 2020), at
 * the same size or to twice the size.
 */
final class ModulatedConv {
  private final Dense style;
  private final Tensor weight;
  private final Tensor noiseStrength;
  private final Tensor bias;
  private final Blur blur;
  private volatile Tensor norms;
  private volatile FoldedConv folded;

  /**
   * @param noisy whether the layer has a strength of noise
   * @param blur filters after doubling the size; null to keep the size
   */
  ModulatedConv(Weights weights, int in, int out, int styleWidth, boolean noisy, Blur blur) {
    Weights started = weights.starting(Initializer.equalized(1));
    style = style(weights, styleWidth, in);
    weight =
        blur == null
            ? started.convolution("weight", in, out, 3)
            : started.upConvolution("weight", in, out, 3);
    noiseStrength = noisy ? started.tensor("noiseStrength") : null;
    bias = started.tensor("bias", out);
    this.blur = blur;
  }

  /** The layer that makes a scale for each input channel, of 1 at first. */
  static Dense style(Weights weights, int styleWidth, int in) {
    return new Dense(weights.at("style"), styleWidth, in, 1, 1, Activation.NONE);
  }

  /**
   * @param x [batch, height, width, in]
   * @param styles [batch, styleWidth]
   * @param noise [batch, outHeight, outWidth, 1], or null for none
   * @return [batch, outHeight, outWidth, out]
   */
  Tensor forward(Tensor x, Tensor styles, Tensor noise) {
    Tensor scales = style.forward(styles);
    boolean addsNoise = noiseStrength != null && noise != null;
    if (!addsNoise
        && weight.storage().isConstant()
        && FoldedConv.pays(x, bias.size(), blur != null)) {
      return folded().forward(x, scales);
    }
    float gain = (float) Activation.LEAKY.gain();
    Tensor d = ModulatedConv2d.demodulation(norms(), scales, blur != null).mul(gain);
    Tensor y =
        blur == null
            ? ModulatedConv2d.of(x, weight, scales, d)
            : ModulatedConv2d.up(x, weight, scales, d, blur.filter(x.backend()));
    if (addsNoise) {
      y = y.add(noise.mul(noiseStrength.mul(gain)));
    }
    return Activation.LEAKY.of(y.add(bias.mul(gain)));
  }

  private Tensor norms() {
    if (!weight.storage().isConstant()) {
      return ModulatedConv2d.norms(weight);
    }
    if (norms == null) {
      norms = Constants.keep(ModulatedConv2d.norms(weight));
    }
    return norms;
  }

  private FoldedConv folded() {
    if (folded == null) {
      Tensor filter = blur == null ? null : blur.filter(weight.backend());
      folded = new FoldedConv(weight, norms(), filter, bias, (float) Activation.LEAKY.gain());
    }
    return folded;
  }
}
