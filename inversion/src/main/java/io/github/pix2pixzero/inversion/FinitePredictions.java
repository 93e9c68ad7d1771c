package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * Finds what a noise predictor makes that is infinite or no number, at the first step of a run:
 * later it has spread, and looks as if the run's settings had made it.
 */
public final class FinitePredictions {
  private FinitePredictions() {}

  /**
   * @throws ArithmeticException naming the network and the timestep if a number is not finite
   */
  public static void require(Tensor prediction, int timestep) {
    for (float value : prediction.toFloats()) {
      if (!Float.isFinite(value)) {
        throw new ArithmeticException(
            "the noise predictor makes numbers that are not finite at timestep " + timestep);
      }
    }
  }
}
