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
    if (before == null || endsPlainly(number)) {
      return firstOrder(number, picture, sample);
    }
    double ahead = 0.5 * width(number) / width(number - 1);
    return firstOrder(number, sum(1 + ahead, picture, -ahead, before), sample);
  }
}
