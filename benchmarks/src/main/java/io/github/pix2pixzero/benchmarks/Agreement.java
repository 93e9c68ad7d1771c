package io.github.pix2pixzero.benchmarks;

import static com.google.common.base.Preconditions.checkState;

/** Makes sure that a peer computes what we compute; its time would mean nothing otherwise. */
public final class Agreement {
  /** Of the largest number: float32 summed in another order. */
  private static final double TOLERANCE = 1e-4;

  private Agreement() {}

  /**
   * @throws IllegalStateException if the results differ, or either is not finite
   */
  public static void check(String what, float[] ours, float[] theirs) {
    checkState(
        ours.length == theirs.length,
        "%s: %s numbers of ours, %s of theirs",
        what,
        ours.length,
        theirs.length);
    double scale = 0;
    double difference = 0;
    for (int i = 0; i < ours.length; i++) {
      double distance = Math.abs((double) ours[i] - theirs[i]);
      checkState(Double.isFinite(distance), "%s: %s and %s at %s", what, ours[i], theirs[i], i);
      scale = Math.max(scale, Math.abs((double) theirs[i]));
      difference = Math.max(difference, distance);
    }
    checkState(
        difference <= TOLERANCE * scale,
        "%s: ours and theirs differ by %s at a scale of %s",
        what,
        difference,
        scale);
  }
}
