package io.github.pix2pixzero.inversion;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the config of one of diffusers' schedulers says beyond the noise that a model was trained
 * on: whose sampler saved it, and how that one goes about sampling.
 */
final class SchedulerKeys {
  private static final Logger LOG = LoggerFactory.getLogger(SchedulerKeys.class);
  private static final String CLASS = "_class_name";

  /** Those that are defined by the same betas. */
  private static final ImmutableSet<String> CLASSES =
      ImmutableSet.of(
          "DDIMInverseScheduler",
          "DDIMParallelScheduler",
          "DDIMScheduler",
          "DDPMParallelScheduler",
          "DDPMScheduler",
          "DEISMultistepScheduler",
          "DPMSolverMultistepInverseScheduler",
          "DPMSolverMultistepScheduler",
          "DPMSolverSDEScheduler",
          "DPMSolverSinglestepScheduler",
          "EulerAncestralDiscreteScheduler",
          "EulerDiscreteScheduler",
          "HeunDiscreteScheduler",
          "KDPM2AncestralDiscreteScheduler",
          "KDPM2DiscreteScheduler",
          "LCMScheduler",
          "LMSDiscreteScheduler",
          "PNDMScheduler",
          "SASolverScheduler",
          "TCDScheduler",
          "UniPCMultistepScheduler");

  /** What {@link NoiseSchedule} takes over, or has its own value for. */
  private static final ImmutableSet<String> READ =
      ImmutableSet.of(
          CLASS,
          "_diffusers_version",
          "beta_end",
          "beta_schedule",
          "beta_start",
          "num_train_timesteps",
          "prediction_type",
          "rescale_betas_zero_snr",
          "set_alpha_to_one",
          "steps_offset",
          "timestep_spacing",
          "trained_betas");

  /** What only says how to clip, which is not done. */
  private static final ImmutableSet<String> OF_CLIPPING =
      ImmutableSet.of("clip_sample_range", "dynamic_thresholding_ratio", "sample_max_value");

  private SchedulerKeys() {}

  /**
   * Refuses schedulers of other kinds of models; says what is not taken over.
   *
   * @throws IllegalArgumentException naming the scheduler
   */
  static void check(JsonConfig json) {
    String name = json.getString(CLASS, "DDIMScheduler");
    String plain = name.startsWith("Flax") ? name.substring(4) : name;
    if (!CLASSES.contains(plain)) {
      throw json.unsupported(CLASS, Joiner.on(", ").join(CLASSES));
    }
    if (json.getBoolean("use_flow_sigmas", false)) {
      throw json.unsupported("use_flow_sigmas", "false, as models of flow matching are not");
    }
    List<String> left =
        Sets.difference(json.keys(), Sets.union(READ, OF_CLIPPING)).stream()
            .filter(json::says)
            .sorted()
            .toList();
    if (!left.isEmpty()) {
      LOG.info(
          "{}: sampled by DDIM, not by {}; not taken over: {}",
          json.file(),
          name,
          Joiner.on(", ").join(left));
    }
  }
}
