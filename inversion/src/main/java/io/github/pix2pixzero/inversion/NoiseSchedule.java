package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.util.Arrays;

/**
 * How much noise a latent holds at each timestep of training: {@code alphas_cumprod} ᾱ, the share
 * of the signal's variance (Ho et al., 2020), as in the {@code scheduler_config.json} of a
 * checkpoint.
 */
public final class NoiseSchedule {
  private final float[] alphasCumprod;
  private final PredictionType predictionType;
  private final int stepsOffset;
  private final boolean finalAlphaOne;

  private NoiseSchedule(
      float[] alphasCumprod,
      PredictionType predictionType,
      int stepsOffset,
      boolean finalAlphaOne) {
    this.alphasCumprod = alphasCumprod;
    this.predictionType = predictionType;
    this.stepsOffset = stepsOffset;
    this.finalAlphaOne = finalAlphaOne;
  }

  /**
   * Reads a config, whichever scheduler it was saved by.
   *
   * @throws IllegalArgumentException naming a key whose value is not supported, and what is
   */
  public static NoiseSchedule from(JsonConfig json) {
    if (json.has("trained_betas")) {
      throw json.unsupported("trained_betas", "null");
    }
    for (String key : new String[] {"clip_sample", "thresholding", "rescale_betas_zero_snr"}) {
      if (json.getBoolean(key, false)) {
        throw json.unsupported(key, "false");
      }
    }
    if (!json.getString("timestep_spacing", "leading").equals("leading")) {
      throw json.unsupported("timestep_spacing", "leading");
    }
    int timesteps = json.getInt("num_train_timesteps", 1000);
    double start = json.getDouble("beta_start", 0.00085);
    double end = json.getDouble("beta_end", 0.012);
    float[] betas =
        switch (json.getString("beta_schedule", "scaled_linear")) {
          case "linear" -> linspace(start, end, timesteps);
          case "scaled_linear" -> squared(linspace(Math.sqrt(start), Math.sqrt(end), timesteps));
          default -> throw json.unsupported("beta_schedule", "linear, scaled_linear");
        };
    String prediction = json.getString("prediction_type", "epsilon");
    PredictionType type =
        Arrays.stream(PredictionType.values())
            .filter(t -> t.configName().equals(prediction))
            .findFirst()
            .orElseThrow(
                () -> json.unsupported("prediction_type", "epsilon, v_prediction, sample"));
    return new NoiseSchedule(
        cumulativeAlphas(betas),
        type,
        json.getInt("steps_offset", 0),
        json.getBoolean("set_alpha_to_one", true));
  }

  /** The number of timesteps in training. */
  public int trainTimesteps() {
    return alphasCumprod.length;
  }

  public PredictionType predictionType() {
    return predictionType;
  }

  /**
   * ᾱ at a timestep; below 0, where the sample is clean, what the config says of {@code
   * set_alpha_to_one}.
   */
  public double alphaCumprod(int timestep) {
    if (timestep >= 0) {
      return alphasCumprod[timestep];
    }
    return finalAlphaOne ? 1 : alphasCumprod[0];
  }

  /** How many timesteps of training one of {@code steps} steps crosses. */
  int stride(int steps) {
    return trainTimesteps() / steps;
  }

  /**
   * The timesteps of a run in rising order, "leading" in the words of Lin et al. (2023), Table 2.
   *
   * @throws IllegalArgumentException if there are fewer than 1 or more than {@link
   *     #trainTimesteps()} steps
   */
  int[] risingTimesteps(int steps) {
    if (steps < 1 || steps + stepsOffset > trainTimesteps()) {
      throw new IllegalArgumentException(
          "the number of steps should be 1 to %s, it is %s"
              .formatted(trainTimesteps() - stepsOffset, steps));
    }
    int[] timesteps = new int[steps];
    for (int i = 0; i < steps; i++) {
      timesteps[i] = i * stride(steps) + stepsOffset;
    }
    return timesteps;
  }

  /** Evenly spaced float32 numbers, both ends included, rounded as PyTorch rounds them. */
  private static float[] linspace(double start, double end, int count) {
    float first = (float) start;
    float last = (float) end;
    float step = (last - first) / (count - 1);
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = i < count / 2 ? first + step * i : last - step * (count - 1 - i);
    }
    return numbers;
  }

  private static float[] squared(float[] numbers) {
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] *= numbers[i];
    }
    return numbers;
  }

  private static float[] cumulativeAlphas(float[] betas) {
    float[] products = new float[betas.length];
    double product = 1;
    for (int i = 0; i < betas.length; i++) {
      product *= 1f - betas[i];
      products[i] = (float) product;
    }
    return products;
  }
}
