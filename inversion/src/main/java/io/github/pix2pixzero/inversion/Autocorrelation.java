package io.github.pix2pixzero.inversion;

import java.util.function.IntUnaryOperator;

/**
 * How far from white a noise map is (Parmar et al., 2023, L_pair): the squared correlation of the
 * map with itself rolled along the rows and along the columns, over a pyramid of averages down to a
 * height of 8. For each level one roll amount is drawn, below half the height, as in the published
 * code.
 *
 * <p>Value and gradient are in closed form: with c = mean(n · roll(n, s)), ∂c²/∂n = 2c · (roll(n,
 * s) + roll(n, -s)) / N.
 */
final class Autocorrelation {
  private static final int COARSEST = 8;

  private Autocorrelation() {}

  /**
   * Adds the gradient of one channel's loss.
   *
   * @param noise [height, width] from {@code offset} on
   * @param draw a number below its argument, asked once a level from the finest
   * @param gradient added to from {@code offset} on
   * @return the loss
   */
  static double accumulate(
      float[] noise, int offset, int height, int width, IntUnaryOperator draw, float[] gradient) {
    int roll = draw.applyAsInt(height / 2);
    double loss =
        rows(noise, offset, height, width, roll, gradient)
            + columns(noise, offset, height, width, roll, gradient);
    if (height <= COARSEST) {
      return loss;
    }
    int halfHeight = height / 2;
    int halfWidth = width / 2;
    float[] half = new float[halfHeight * halfWidth];
    for (int y = 0; y < halfHeight; y++) {
      for (int x = 0; x < halfWidth; x++) {
        int at = offset + 2 * y * width + 2 * x;
        half[y * halfWidth + x] =
            (noise[at] + noise[at + 1] + noise[at + width] + noise[at + width + 1]) / 4;
      }
    }
    float[] halfGradient = new float[half.length];
    loss += accumulate(half, 0, halfHeight, halfWidth, draw, halfGradient);
    for (int y = 0; y < halfHeight; y++) {
      for (int x = 0; x < halfWidth; x++) {
        float share = halfGradient[y * halfWidth + x] / 4;
        int at = offset + 2 * y * width + 2 * x;
        gradient[at] += share;
        gradient[at + 1] += share;
        gradient[at + width] += share;
        gradient[at + width + 1] += share;
      }
    }
    return loss;
  }

  private static double rows(
      float[] noise, int offset, int height, int width, int roll, float[] gradient) {
    double sum = 0;
    for (int y = 0; y < height; y++) {
      int at = offset + y * width;
      int before = offset + Math.floorMod(y - roll, height) * width;
      for (int x = 0; x < width; x++) {
        sum += noise[at + x] * noise[before + x];
      }
    }
    double mean = sum / (height * width);
    float slope = (float) (2 * mean / (height * width));
    for (int y = 0; y < height; y++) {
      int at = offset + y * width;
      int before = offset + Math.floorMod(y - roll, height) * width;
      int after = offset + Math.floorMod(y + roll, height) * width;
      for (int x = 0; x < width; x++) {
        gradient[at + x] += slope * (noise[before + x] + noise[after + x]);
      }
    }
    return mean * mean;
  }

  private static double columns(
      float[] noise, int offset, int height, int width, int roll, float[] gradient) {
    double sum = 0;
    for (int y = 0; y < height; y++) {
      int at = offset + y * width;
      for (int x = 0; x < width; x++) {
        sum += noise[at + x] * noise[at + Math.floorMod(x - roll, width)];
      }
    }
    double mean = sum / (height * width);
    float slope = (float) (2 * mean / (height * width));
    for (int y = 0; y < height; y++) {
      int at = offset + y * width;
      for (int x = 0; x < width; x++) {
        gradient[at + x] +=
            slope
                * (noise[at + Math.floorMod(x - roll, width)]
                    + noise[at + Math.floorMod(x + roll, width)]);
      }
    }
    return mean * mean;
  }
}
