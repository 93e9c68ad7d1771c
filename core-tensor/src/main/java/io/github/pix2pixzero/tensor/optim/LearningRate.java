package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

/** How large an optimiser's steps are. */
@FunctionalInterface
public interface LearningRate {

  /** The rate of a step; the first is step 0. */
  double at(long step);

  /** The same rate for all steps. */
  static LearningRate constant(double rate) {
    return step -> rate;
  }

  /**
   * This one, but rising from zero: step s of the first {@code steps} takes (s + 1) / steps of it.
   */
  default LearningRate warmUp(long steps) {
    checkArgument(steps > 0, "a warm-up takes at least one step, got %s", steps);
    return step -> at(step) * Math.min(1, (step + 1) / (double) steps);
  }

  /**
   * Half a period of the cosine: from {@code rate} at step 0 to {@code last} at step {@code steps}
   * and from there on (Loshchilov and Hutter, 2017, without restarts).
   */
  static LearningRate cosine(double rate, double last, long steps) {
    checkArgument(steps > 0, "a schedule takes at least one step, got %s", steps);
    return step -> {
      double part = Math.min(1, step / (double) steps);
      return last + (rate - last) * (1 + Math.cos(Math.PI * part)) / 2;
    };
  }
}
