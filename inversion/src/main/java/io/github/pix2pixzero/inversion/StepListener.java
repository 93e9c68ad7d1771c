package io.github.pix2pixzero.inversion;

/**
 * Told after every step of a run.
 *
 * @param <T> where a run stands: a latent, or several
 */
@FunctionalInterface
public interface StepListener<T> {

  /** Does nothing. */
  static <T> StepListener<T> none() {
    return (step, steps, current) -> {};
  }

  /**
   * Told once, before the first step.
   *
   * @param steps how many there will be
   */
  default void began(int steps) {}

  /**
   * @param step which step is done, from 0
   * @param steps how many there will be
   * @param current where the run stands; valid during the call only
   */
  void stepped(int step, int steps, T current);
}
