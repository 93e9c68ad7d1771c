package io.github.pix2pixzero.evaluation.measure;

/** The mean squared difference of shares from 0 to 1: torchmetrics' {@code MeanSquaredError}. */
public final class MeanSquaredError extends PixelMeasure {
  public MeanSquaredError(Part part) {
    super("mse", part);
  }

  @Override
  public Better better() {
    return Better.LOWER;
  }

  @Override
  double of(float[] a, float[] b, int width) {
    return squaredError(a, b);
  }
}
