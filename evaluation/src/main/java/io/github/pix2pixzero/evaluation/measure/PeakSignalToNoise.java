package io.github.pix2pixzero.evaluation.measure;

/**
 * The peak signal-to-noise ratio in dB, infinite for equal pictures: torchmetrics' {@code
 * PeakSignalNoiseRatio} with a range of 1.
 */
public final class PeakSignalToNoise extends PixelMeasure {
  public PeakSignalToNoise(Part part) {
    super("psnr", part);
  }

  @Override
  public Better better() {
    return Better.HIGHER;
  }

  @Override
  double of(float[] a, float[] b, int width) {
    return -10 * Math.log10(squaredError(a, b));
  }
}
