package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * DDIM sampling run backwards: from picture to the noise that leads to it. Agrees with diffusers'
 * {@code DDIMInverseScheduler}: the model is asked at the timestep the step arrives at.
 */
public final class DdimInverseScheduler {
  private final NoiseSchedule schedule;
  private final int[] timesteps;

  /**
   * @throws IllegalArgumentException if the schedule has no such number of steps
   */
  public DdimInverseScheduler(NoiseSchedule schedule, int steps) {
    this.schedule = schedule;
    this.timesteps = schedule.risingTimesteps(steps);
  }

  /** The timesteps the model is asked at, rising. */
  public int[] timesteps() {
    return timesteps.clone();
  }

  /**
   * The sample one step further into the noise.
   *
   * @param output the model's prediction at {@code timestep}
   */
  public Tensor step(Tensor output, int timestep, Tensor sample) {
    return DdimStep.of(
        schedule.predictionType(),
        output,
        sample,
        schedule.alphaCumprod(timestep - schedule.stride(timesteps.length)),
        schedule.alphaCumprod(timestep));
  }
}
