package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.Tensor;

/** One run of a {@link Solver}: its steps are taken in order, each once. */
public interface SolverSteps extends AutoCloseable {

  /** The timesteps the model is asked at, falling. */
  int[] timesteps();

  /**
   * The sample one step closer to the picture, in the caller's scope.
   *
   * @param output the model's prediction at the step's timestep
   * @param sample what it was made for
   */
  Tensor step(Tensor output, Tensor sample);

  /** Lets go what later steps would have needed. */
  @Override
  void close();
}
