package io.github.pix2pixzero.inversion;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * How Gaussian an inverted latent is. White noise has mean 0, deviation 1, no correlation between
 * neighbours and no divergence; what is left of the picture in it shows in all of them.
 *
 * @param mean over all elements
 * @param deviation standard, unbiased
 * @param autocorrelation of neighbours along both axes, from -1 to 1, averaged over channels; 0 for
 *     white noise
 * @param divergence Kullback-Leibler divergence of a normal distribution with this mean and
 *     deviation from the standard one, in nats an element
 */
public record NoiseStatistics(
    double mean, double deviation, double autocorrelation, double divergence) {

  /**
   * @param latent [1, channels, height, width], with at least two rows and columns
   */
  public static NoiseStatistics of(Tensor latent) {
    checkArgument(
        latent.shape().rank() == 4 && latent.dim(2) > 1 && latent.dim(3) > 1,
        "a latent should be [1, channels, height, width], it is %s",
        latent.shape());
    float[] values = latent.toFloats();
    double mean = mean(values, 0, values.length);
    double squares = 0;
    for (float value : values) {
      squares += (value - mean) * (value - mean);
    }
    double variance = squares / (values.length - 1);
    double divergence = (variance + mean * mean - 1 - Math.log(variance)) / 2;
    return new NoiseStatistics(
        mean,
        Math.sqrt(variance),
        autocorrelation(values, latent.dim(2), latent.dim(3)),
        divergence);
  }

  private static double autocorrelation(float[] values, int height, int width) {
    int plane = height * width;
    int channels = values.length / plane;
    double sum = 0;
    for (int at = 0; at < values.length; at += plane) {
      double mean = mean(values, at, plane);
      double variance = 0;
      double products = 0;
      for (int i = 0; i < plane; i++) {
        double value = values[at + i] - mean;
        variance += value * value / plane;
        if (i % width < width - 1) {
          products += value * (values[at + i + 1] - mean) / (2.0 * height * (width - 1));
        }
        if (i + width < plane) {
          products += value * (values[at + i + width] - mean) / (2.0 * (height - 1) * width);
        }
      }
      sum += variance == 0 ? 0 : products / variance;
    }
    return sum / channels;
  }

  private static double mean(float[] values, int from, int count) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += values[i];
    }
    return sum / count;
  }
}
