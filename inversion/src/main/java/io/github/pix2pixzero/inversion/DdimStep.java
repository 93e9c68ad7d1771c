package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * The deterministic step of DDIM (Song et al., 2021, eq. 12 with σ = 0) from one noise level to
 * another, in either direction. All prediction types make it a weighted sum of sample and model
 * output.
 */
final class DdimStep {
  private DdimStep() {}

  /**
   * @param output the model's prediction for {@code sample}
   * @param from ᾱ of {@code sample}
   * @param to ᾱ of the result
   */
  static Tensor of(PredictionType type, Tensor output, Tensor sample, double from, double to) {
    double signal = Math.sqrt(from);
    double noise = Math.sqrt(1 - from);
    double signalTo = Math.sqrt(to);
    double noiseTo = Math.sqrt(1 - to);
    return switch (type) {
      case EPSILON -> blend(sample, signalTo / signal, output, noiseTo - signalTo * noise / signal);
      case V_PREDICTION ->
          blend(
              sample,
              signalTo * signal + noiseTo * noise,
              output,
              noiseTo * signal - signalTo * noise);
      case SAMPLE -> blend(sample, noiseTo / noise, output, signalTo - noiseTo * signal / noise);
    };
  }

  private static Tensor blend(Tensor a, double weightA, Tensor b, double weightB) {
    return a.mul((float) weightA).add(b.mul((float) weightB));
  }
}
