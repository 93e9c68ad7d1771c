package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

/** Checks of settings that several methods have. */
final class Checks {
  private Checks() {}

  /** Refuses what is negative or no number. */
  static void notNegative(String name, double value) {
    checkArgument(
        value >= 0 && Double.isFinite(value), "the %s should be 0 or more, it is %s", name, value);
  }
}
