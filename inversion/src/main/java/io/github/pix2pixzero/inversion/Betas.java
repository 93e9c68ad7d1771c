package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.util.List;

/**
 * The variances β of the noise that training added at each timestep, in float32 and rounded as
 * PyTorch rounds them, as diffusers' {@code DDIMScheduler} has them.
 */
final class Betas {
  /** What keeps the cosine schedule from taking the whole signal in one timestep. */
  private static final double MAX_COSINE_BETA = 0.999;

  private static final String SCHEDULES = "linear, scaled_linear, squaredcos_cap_v2";

  private Betas() {}

  /**
   * Those of a config; what it does not say is as in Stable Diffusion.
   *
   * @throws IllegalArgumentException naming a key whose value is not supported
   */
  static float[] of(JsonConfig json) {
    float[] betas = json.has("trained_betas") ? trained(json) : scheduled(json);
    return json.getBoolean("rescale_betas_zero_snr", false) ? withoutTerminalSignal(betas) : betas;
  }

  private static float[] trained(JsonConfig json) {
    List<Double> numbers = json.getDoubles("trained_betas");
    float[] betas = new float[numbers.size()];
    for (int i = 0; i < betas.length; i++) {
      betas[i] = numbers.get(i).floatValue();
      if (!(betas[i] >= 0 && betas[i] < 1)) {
        throw new IllegalArgumentException(
            "%s: trained_betas[%s] should be from 0 to below 1, it is %s"
                .formatted(json.file(), i, numbers.get(i)));
      }
    }
    if (betas.length == 0 || json.getInt("num_train_timesteps", betas.length) != betas.length) {
      throw new IllegalArgumentException(
          "%s: trained_betas has %s numbers; num_train_timesteps, %s, were expected"
              .formatted(
                  json.file(), betas.length, json.getInt("num_train_timesteps", betas.length)));
    }
    return betas;
  }

  private static float[] scheduled(JsonConfig json) {
    int timesteps = json.getInt("num_train_timesteps", 1000);
    if (timesteps < 1) {
      throw json.unsupported("num_train_timesteps", "1 or more");
    }
    double start = beta(json, "beta_start", 0.00085);
    double end = beta(json, "beta_end", 0.012);
    return switch (json.getString("beta_schedule", "scaled_linear")) {
      case "linear" -> linspace(start, end, timesteps);
      case "scaled_linear" -> squared(linspace(Math.sqrt(start), Math.sqrt(end), timesteps));
      case "squaredcos_cap_v2" -> cosine(timesteps);
      default -> throw json.unsupported("beta_schedule", SCHEDULES);
    };
  }

  private static double beta(JsonConfig json, String key, double absent) {
    double beta = json.getDouble(key, absent);
    if (!(beta >= 0 && beta < 1)) {
      throw json.unsupported(key, "a number from 0 to below 1");
    }
    return beta;
  }

  /** Evenly spaced numbers, both ends included. */
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

  /** What makes ᾱ a squared cosine (Nichol and Dhariwal, 2021, eq. 17). */
  private static float[] cosine(int count) {
    float[] betas = new float[count];
    for (int i = 0; i < count; i++) {
      double ratio = cosineAlpha((i + 1.0) / count) / cosineAlpha((double) i / count);
      betas[i] = (float) Math.min(1 - ratio, MAX_COSINE_BETA);
    }
    return betas;
  }

  private static double cosineAlpha(double time) {
    double cosine = Math.cos((time + 0.008) / 1.008 * Math.PI / 2);
    return cosine * cosine;
  }

  /** Leaves nothing of the signal at the last timestep (Lin et al., 2023, algorithm 1). */
  private static float[] withoutTerminalSignal(float[] betas) {
    float[] signal = cumulativeAlphas(betas);
    for (int i = 0; i < signal.length; i++) {
      signal[i] = (float) Math.sqrt(signal[i]);
    }
    float first = signal[0];
    float last = signal[signal.length - 1];
    float scale = first / (first - last);
    float[] rescaled = new float[betas.length];
    float before = 1;
    for (int i = 0; i < rescaled.length; i++) {
      float shifted = (signal[i] - last) * scale;
      float cumulative = shifted * shifted;
      rescaled[i] = 1 - cumulative / before;
      before = cumulative;
    }
    return rescaled;
  }

  /** ᾱ: the products of 1 - β up to each timestep. */
  static float[] cumulativeAlphas(float[] betas) {
    float[] products = new float[betas.length];
    double product = 1;
    for (int i = 0; i < betas.length; i++) {
      product *= 1f - betas[i];
      products[i] = (float) product;
    }
    return products;
  }
}
