package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * Layer normalisation over the last axis.
 *
 * @param gamma scale, [width]
 * @param beta shift, [width]
 */
public record LayerNorm(Tensor gamma, Tensor beta, float epsilon) {

  /** {@code weight} and {@code bias}. */
  public static LayerNorm load(Weights weights, int width, float epsilon) {
    return new LayerNorm(
        weights.tensor("weight", Initializer.ones(), width),
        weights.tensor("bias", width),
        epsilon);
  }

  public Tensor forward(Tensor x) {
    return io.github.pix2pixzero.tensor.ops.LayerNorm.of(x, gamma, beta, epsilon);
  }
}
