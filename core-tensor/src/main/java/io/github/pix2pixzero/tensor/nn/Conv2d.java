package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;

/**
 * Convolution of channels-last pictures.
 *
 * @param weight [kernel, kernel, in, out]
 * @param bias [out] or [1, out]
 */
public record Conv2d(Tensor weight, Tensor bias, int stride, Padding padding) {

  /** A 3×3 convolution that keeps the size. */
  public static Conv2d load(Weights weights, int in, int out) {
    return load(weights, in, out, 3, 1, Padding.all(1));
  }

  /** {@code weight} and {@code bias}. */
  public static Conv2d load(
      Weights weights, int in, int out, int kernel, int stride, Padding padding) {
    return new Conv2d(
        weights.convolution("weight", in, out, kernel),
        weights.tensor("bias", out),
        stride,
        padding);
  }

  /** [batch, height, width, in] to [batch, height / stride, width / stride, out]. */
  public Tensor forward(Tensor x) {
    return io.github.pix2pixzero.tensor.ops.Conv2d.of(x, weight, bias, stride, padding);
  }

  /** {@code residual + forward(x)}. */
  public Tensor addTo(Tensor residual, Tensor x) {
    return io.github.pix2pixzero.tensor.ops.Conv2d.of(x, weight, bias, residual, stride, padding);
  }

  /**
   * The same convolution with more bias.
   *
   * @param shift [1, out]
   */
  public Conv2d shifted(Tensor shift) {
    return new Conv2d(weight, bias.add(shift), stride, padding);
  }
}
