package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.Tensor;
import java.util.stream.IntStream;

/**
 * DDIM sampling (Song et al., 2021): from noise to picture in a given number of steps. Agrees with
 * diffusers' {@code DDIMScheduler}.
 */
public final class DdimScheduler {
  private final NoiseSchedule schedule;
  private final int[] timesteps;

  /**
   * @throws IllegalArgumentException if the schedule has no such number of steps
   */
  public DdimScheduler(NoiseSchedule schedule, int steps) {
    this.schedule = schedule;
    int[] rising = schedule.risingTimesteps(steps);
    this.timesteps = IntStream.range(0, steps).map(i -> rising[steps - 1 - i]).toArray();
  }

  /** The timesteps the model is asked at, falling. */
  public int[] timesteps() {
    return timesteps.clone();
  }

  /**
   * The sample one step closer to the picture.
   *
   * @param output the model's prediction at {@code timestep}
   */
  public Tensor step(Tensor output, int timestep, Tensor sample) {
    return DdimStep.of(
        schedule.predictionType(),
        output,
        sample,
        schedule.alphaCumprod(timestep),
        schedule.alphaCumprod(timestep - schedule.stride(timesteps.length)));
  }
}
