package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.Geglu;
import io.github.pix2pixzero.tensor.ops.Matmul;

/**
 * {@code x · weight + bias} over the last axis.
 *
 * @param weight [in, out]
 * @param bias [out], or null
 */
public record Linear(Tensor weight, Tensor bias) {

  /** {@code weight} and {@code bias} of a linear layer. */
  public static Linear load(Weights weights, int in, int out) {
    return new Linear(weights.linear("weight", in, out), weights.tensor("bias", out));
  }

  /** {@code weight} and {@code bias} of a 1×1 convolution. */
  public static Linear pointwise(Weights weights, int in, int out) {
    return new Linear(weights.pointwise("weight", in, out), weights.tensor("bias", out));
  }

  /** {@code weight} alone. */
  public static Linear withoutBias(Weights weights, int in, int out) {
    return new Linear(weights.linear("weight", in, out), null);
  }

  /** [..., in] to [..., out]. */
  public Tensor forward(Tensor x) {
    return Matmul.linear(x, weight, bias);
  }

  /** {@code residual + forward(x)}. */
  public Tensor addTo(Tensor residual, Tensor x) {
    return Matmul.linear(x, weight, bias, residual);
  }

  /** GEGLU of {@code forward(x)}: [..., in] to [..., out / 2]. */
  public Tensor geglu(Tensor x) {
    return Geglu.linear(x, weight, bias);
  }
}
