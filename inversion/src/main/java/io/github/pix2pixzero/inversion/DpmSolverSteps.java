package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * DPM-Solver++ 2M in the form called midpoint (Lu et al., 2022, algorithm 2). Agrees with
 * diffusers' {@code DPMSolverMultistepScheduler} at these timesteps.
 */
final class DpmSolverSteps extends MultistepSteps {

  DpmSolverSteps(NoiseSchedule schedule, int steps) {
    super(schedule, steps);
  }

  @Override
  Tensor step(int number, Tensor picture, Tensor before, Tensor sample) {
    return before == null || endsPlainly(number)
        ? firstOrder(number, picture, sample)
        : secondOrder(number, picture, before, sample);
  }
}
