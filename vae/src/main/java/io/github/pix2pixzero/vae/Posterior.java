package io.github.pix2pixzero.vae;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.random.Generator;

/**
 * The diagonal Gaussian q(latent | image) that the encoder predicts.
 *
 * @param mean [batch, latentChannels, height, width]
 * @param logvar logarithm of the variance, as predicted; same shape
 */
public record Posterior(Tensor mean, Tensor logvar) {
  private static final float MIN_LOGVAR = -30f;
  private static final float MAX_LOGVAR = 20f;

  /** The most likely latent: the mean. */
  public Tensor mode() {
    return mean;
  }

  /**
   * A latent at random: mean + exp(½ · clamp(logvar, -30, 20)) · noise, as diffusers' {@code
   * DiagonalGaussianDistribution.sample}.
   *
   * @throws UnsupportedOperationException if the variance is tracked: it has no gradient here
   */
  public Tensor sample(Generator generator) {
    if (logvar.isTracked()) {
      throw new UnsupportedOperationException(
          "sampling has no gradient with respect to logvar; encode outside of the graph");
    }
    float[] deviation = generator.normal(mean.size());
    float[] logvars = logvar.toFloats();
    for (int i = 0; i < deviation.length; i++) {
      float clamped = Math.min(Math.max(logvars[i], MIN_LOGVAR), MAX_LOGVAR);
      deviation[i] *= (float) Math.exp(0.5 * clamped);
    }
    return mean.add(Tensor.of(mean.backend(), deviation, mean.shape().toArray()));
  }
}
