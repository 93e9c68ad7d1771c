package io.github.pix2pixzero.inversion;

/**
 * How far mean μ and variance σ² of a noise map are from 0 and 1 (Parmar et al., 2023, L_KL): σ² +
 * μ² - 1 - log(σ² + 10⁻⁷), with the unbiased variance, as in the published code.
 */
final class GaussianDivergence {
  private static final double EPSILON = 1e-7;

  private GaussianDivergence() {}

  /**
   * Adds the gradient.
   *
   * @return the divergence
   */
  static double accumulate(float[] noise, float[] gradient) {
    int n = noise.length;
    double sum = 0;
    for (float value : noise) {
      sum += value;
    }
    double mean = sum / n;
    double squares = 0;
    for (float value : noise) {
      squares += (value - mean) * (value - mean);
    }
    double variance = squares / (n - 1);
    double slope = 2 * (1 - 1 / (variance + EPSILON)) / (n - 1);
    for (int i = 0; i < n; i++) {
      gradient[i] += (float) (slope * (noise[i] - mean) + 2 * mean / n);
    }
    return variance + mean * mean - 1 - Math.log(variance + EPSILON);
  }
}
