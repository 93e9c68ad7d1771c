package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.Conv2d;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.tensor.ops.FirConv2d;
import io.github.pix2pixzero.tensor.ops.ModulatedConv2d;
import io.github.pix2pixzero.tensor.ops.PixelBlocks;

/**
 * A {@link ModulatedConv} of constant weights for one large picture: style, demodulation and gain
 * are multiplied into the weight, and the filter that follows an up-convolution has been before, so
 * that no features are passed over but by a plain convolution.
 */
final class FoldedConv {
  private final boolean up;
  private final Tensor kernel;
  private final Tensor norms;
  private final Tensor bias;
  private final float gain;

  /**
   * Whether there is less to multiply in the weight than in the features.
   *
   * @param x [batch, height, width, in]
   * @param out output channels
   * @param up whether it is an up-convolution
   */
  static boolean pays(Tensor x, int out, boolean up) {
    int columns = up ? 4 * out : out;
    long features = (long) x.dim(1) * x.dim(2) * (x.dim(3) + columns);
    return x.dim(0) == 1 && features >= 9L * x.dim(3) * columns;
  }

  /**
   * @param weight [3, 3, in, out], or [3, 3, out, in] of an up-convolution
   * @param norms of the weight
   * @param filter of an up-convolution, or null
   */
  FoldedConv(Tensor weight, Tensor norms, Tensor filter, Tensor bias, float gain) {
    up = filter != null;
    this.gain = gain;
    this.norms = norms;
    kernel = up ? Constants.keep(FirConv2d.upKernel(weight, filter)) : weight;
    Tensor shift = bias.mul(gain);
    this.bias = Constants.keep(up ? Tensor.concat(0, shift, shift, shift, shift) : shift);
  }

  /**
   * @param x [1, height, width, in]
   * @param scales [1, in]
   */
  Tensor forward(Tensor x, Tensor scales) {
    Tensor d = ModulatedConv2d.demodulation(norms, scales, up).mul(gain);
    Tensor factors = up ? Tensor.concat(1, d, d, d, d) : d;
    Tensor folded = kernel.mul(scales.reshape(-1, 1)).mul(factors);
    Tensor y = Activation.LEAKY.of(Conv2d.of(x, folded, bias, 1, Padding.all(1)));
    return up ? PixelBlocks.scatter(y, 2) : y;
  }
}
