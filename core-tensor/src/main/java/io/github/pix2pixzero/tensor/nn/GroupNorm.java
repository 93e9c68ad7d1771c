package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * Group normalisation over channels-last data.
 *
 * @param gamma scale, [channels]
 * @param beta shift, [channels]
 */
public record GroupNorm(Tensor gamma, Tensor beta, int groups, float epsilon) {

  /** {@code weight} and {@code bias}. */
  public static GroupNorm load(Weights weights, int channels, int groups, float epsilon) {
    return new GroupNorm(
        weights.tensor("weight", Initializer.ones(), channels),
        weights.tensor("bias", channels),
        groups,
        epsilon);
  }

  /** Normalises [batch, …, channels]. */
  public Tensor forward(Tensor x) {
    return io.github.pix2pixzero.tensor.ops.GroupNorm.of(x, gamma, beta, groups, epsilon, false);
  }

  /** Normalises, then applies SiLU. */
  public Tensor silu(Tensor x) {
    return io.github.pix2pixzero.tensor.ops.GroupNorm.of(x, gamma, beta, groups, epsilon, true);
  }
}
