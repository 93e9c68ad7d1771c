package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.Tensor;

/** {@link DdimScheduler} step by step. */
final class DdimSteps implements SolverSteps {
  private final DdimScheduler scheduler;
  private final int[] timesteps;
  private int taken;

  DdimSteps(NoiseSchedule schedule, int steps) {
    scheduler = new DdimScheduler(schedule, steps);
    timesteps = scheduler.timesteps();
  }

  @Override
  public int[] timesteps() {
    return timesteps.clone();
  }

  @Override
  public Tensor step(Tensor output, Tensor sample) {
    return scheduler.step(output, timesteps[taken++], sample);
  }

  @Override
  public void close() {}
}
