package io.github.pix2pixzero.inversion;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/**
 * Keeps the noise that inversion predicts Gaussian (Parmar et al., 2023, section 3.2): at every
 * step it descends a few times on the autocorrelation and on the divergence of mean and variance
 * from those of a standard normal distribution.
 *
 * <p>A latent has a few thousand elements and the gradients are in closed form, so the work is done
 * on the host.
 *
 * @param rounds how often both terms are descended on at a step
 * @param rolls descents on the autocorrelation in each round, each with roll amounts of its own
 * @param autocorrelation weight of the autocorrelation, 0 for none
 * @param divergence weight of the divergence, 0 for none
 */
public record NoiseRegularization(
    int rounds, int rolls, double autocorrelation, double divergence) {

  /** The published amounts. */
  public static final NoiseRegularization PUBLISHED = new NoiseRegularization(5, 5, 20, 20);

  /** Leaves the noise as the model predicts it. */
  public static final NoiseRegularization NONE = new NoiseRegularization(0, 0, 0, 0);

  public NoiseRegularization {
    checkArgument(rounds >= 0 && rolls >= 0, "rounds %s and rolls %s are counts", rounds, rolls);
    checkArgument(
        autocorrelation >= 0 && divergence >= 0,
        "the weights should not be negative, they are %s and %s",
        autocorrelation,
        divergence);
  }

  /**
   * The model's output, regularised.
   *
   * @param output [batch, channels, height, width]
   * @param sample the latent the output was predicted for, same shape
   * @param type what the model predicts
   * @param alphaCumprod ᾱ at the timestep the model was asked at
   * @param draw a number from 0 (inclusive) to its argument (exclusive), for the roll amounts
   */
  public Tensor apply(
      Tensor output,
      Tensor sample,
      PredictionType type,
      double alphaCumprod,
      IntUnaryOperator draw) {
    if (rounds == 0) {
      return output;
    }
    Epsilon epsilon = new Epsilon(type, alphaCumprod, sample.toFloats());
    float[] values = output.toFloats();
    float[] gradient = new float[values.length];
    for (int round = 0; round < rounds; round++) {
      for (int roll = 0; autocorrelation > 0 && roll < rolls; roll++) {
        Arrays.fill(gradient, 0f);
        autocorrelation(epsilon.of(values), output, draw, gradient);
        descend(values, gradient, epsilon.slope() * autocorrelation / rolls);
      }
      if (divergence > 0) {
        Arrays.fill(gradient, 0f);
        GaussianDivergence.accumulate(epsilon.of(values), gradient);
        descend(values, gradient, epsilon.slope() * divergence);
      }
    }
    return Tensor.of(output.backend(), values, output.shape().toArray());
  }

  private static void autocorrelation(
      float[] noise, Tensor shape, IntUnaryOperator draw, float[] gradient) {
    int height = shape.dim(2);
    int width = shape.dim(3);
    for (int at = 0; at < noise.length; at += height * width) {
      Autocorrelation.accumulate(noise, at, height, width, draw, gradient);
    }
  }

  private static void descend(float[] values, float[] gradient, double rate) {
    for (int i = 0; i < values.length; i++) {
      values[i] -= (float) rate * gradient[i];
    }
  }

  /** The noise as a function of the model's output: slope · output + offset. */
  private static final class Epsilon {
    private final double slope;
    private final double sampleWeight;
    private final float[] sample;

    Epsilon(PredictionType type, double alphaCumprod, float[] sample) {
      double signal = Math.sqrt(alphaCumprod);
      double noise = Math.sqrt(1 - alphaCumprod);
      this.sample = sample;
      switch (type) {
        case EPSILON -> {
          slope = 1;
          sampleWeight = 0;
        }
        case V_PREDICTION -> {
          slope = signal;
          sampleWeight = noise;
        }
        case SAMPLE -> {
          slope = -signal / noise;
          sampleWeight = 1 / noise;
        }
        default -> throw new AssertionError(type);
      }
    }

    double slope() {
      return slope;
    }

    float[] of(float[] output) {
      if (slope == 1) {
        return output;
      }
      float[] noise = new float[output.length];
      for (int i = 0; i < output.length; i++) {
        noise[i] = (float) (slope * output[i] + sampleWeight * sample[i]);
      }
      return noise;
    }
  }
}
