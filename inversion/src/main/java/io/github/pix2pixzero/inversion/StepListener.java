package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.Tensor;

/** Told after every step of a run. */
@FunctionalInterface
public interface StepListener {
  /**
   * @param step which step is done, from 0
   * @param steps how many there will be
   * @param latent where the run stands, [batch, channels, height, width]; valid during the call
   *     only
   */
  void stepped(int step, int steps, Tensor latent);
}
