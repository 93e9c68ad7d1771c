package io.github.pix2pixzero.evaluation.measure;

import io.github.pix2pixzero.evaluation.network.PixelValues;
import java.util.OptionalDouble;

/**
 * A measure of two pictures' shares of red, green and blue from 0 to 1. Pixels of another part are
 * 0 in both and still count in every mean, as PIE-Bench and torchmetrics have it.
 */
abstract class PixelMeasure implements Measure {
  private final String kind;
  private final Part part;

  PixelMeasure(String kind, Part part) {
    this.kind = kind;
    this.part = part;
  }

  @Override
  public final String title() {
    return kind + part.suffix();
  }

  @Override
  public String settings() {
    return "";
  }

  @Override
  public final OptionalDouble of(Comparison comparison) {
    return part.of(comparison)
        .map(
            pixels ->
                OptionalDouble.of(
                    of(
                        PixelValues.shares(comparison.source(), pixels.keep()),
                        PixelValues.shares(comparison.edited(), pixels.keep()),
                        comparison.source().getWidth())))
        .orElseGet(OptionalDouble::empty);
  }

  /**
   * @param a [height, width, 3]
   * @param b the same
   */
  abstract double of(float[] a, float[] b, int width);

  /** The mean squared difference. */
  static double squaredError(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = (double) a[i] - b[i];
      sum += difference * difference;
    }
    return sum / a.length;
  }
}
