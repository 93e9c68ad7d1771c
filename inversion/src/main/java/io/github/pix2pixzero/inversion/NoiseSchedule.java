package io.github.pix2pixzero.inversion;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.io.JsonConfig;

/**
 * How much noise a latent holds at each timestep of training: {@code alphas_cumprod} ᾱ, the share
 * of the signal's variance (Ho et al., 2020), and which timesteps a run visits, as in the {@code
 * scheduler_config.json} of a checkpoint.
 */
public final class NoiseSchedule {
  /** What diffusers' {@code StableDiffusionPipeline} sets, whatever the config says. */
  private static final int STEPS_OFFSET = 1;

  private final float[] alphasCumprod;
  private final PredictionType predictionType;
  private final TimestepSpacing spacing;
  private final boolean finalAlphaOne;

  private NoiseSchedule(
      float[] alphasCumprod,
      PredictionType predictionType,
      TimestepSpacing spacing,
      boolean finalAlphaOne) {
    this.alphasCumprod = alphasCumprod;
    this.predictionType = predictionType;
    this.spacing = spacing;
    this.finalAlphaOne = finalAlphaOne;
  }

  /**
   * Reads a config, whichever scheduler it was saved by, as diffusers' {@code
   * DDIMScheduler.from_config} does: betas, prediction type, spacing and final ᾱ are taken over,
   * the rest belongs to another sampler and is named in the log. As in {@code
   * StableDiffusionPipeline}, the steps' offset is 1 and predictions are not clipped.
   *
   * @throws IllegalArgumentException naming a key whose value is not supported, and what is; or the
   *     scheduler of a model that was not trained to undo such noise, as flow matching is not
   */
  public static NoiseSchedule from(JsonConfig json) {
    SchedulerKeys.check(json);
    return new NoiseSchedule(
        Betas.cumulativeAlphas(Betas.of(json)),
        json.getEnum(
            "prediction_type",
            PredictionType.EPSILON,
            PredictionType.values(),
            PredictionType::configName),
        json.getEnum(
            "timestep_spacing",
            TimestepSpacing.LEADING,
            TimestepSpacing.values(),
            TimestepSpacing::configName),
        json.getBoolean("set_alpha_to_one", true));
  }

  /** The number of timesteps in training. */
  public int trainTimesteps() {
    return alphasCumprod.length;
  }

  public PredictionType predictionType() {
    return predictionType;
  }

  public TimestepSpacing timestepSpacing() {
    return spacing;
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

  /** What tells this schedule from others: two that read the same are the same. */
  @Override
  public String toString() {
    int last = trainTimesteps() - 1;
    return "%s, %s, %s timesteps, alphas %s %s %s, at last %s"
        .formatted(
            predictionType.configName(),
            spacing.configName(),
            trainTimesteps(),
            alphasCumprod[0],
            alphasCumprod[last / 2],
            alphasCumprod[last],
            alphaCumprod(-1));
  }

  /** How many timesteps of training one of {@code steps} steps crosses, whatever the spacing. */
  int stride(int steps) {
    return trainTimesteps() / steps;
  }

  /**
   * The timesteps of a run in rising order.
   *
   * @throws IllegalArgumentException if there are fewer than 1 or more steps than there are
   *     timesteps to visit, or one of them is all noise and the model predicts that noise, which
   *     says nothing of the picture
   */
  int[] risingTimesteps(int steps) {
    int most = trainTimesteps() - (spacing == TimestepSpacing.LEADING ? STEPS_OFFSET : 0);
    checkArgument(
        steps >= 1 && steps <= most,
        "the number of steps should be 1 to %s, it is %s",
        most,
        steps);
    int[] timesteps = spacing.rising(trainTimesteps(), steps, STEPS_OFFSET);
    int noisiest = timesteps[steps - 1];
    checkArgument(
        predictionType != PredictionType.EPSILON || alphaCumprod(noisiest) > 0,
        "a model that predicts the noise (epsilon) cannot be asked at timestep %s, where the"
            + " schedule leaves nothing but noise (rescale_betas_zero_snr); such models predict the"
            + " velocity (v_prediction), or take the spacing leading",
        noisiest);
    return timesteps;
  }
}
