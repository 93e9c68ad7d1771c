package io.github.pix2pixzero.guidance;

import java.util.Locale;

/**
 * How good an edit should be, and so how long it may take; {@code docs/ablation.md} has what each
 * is worth.
 */
public enum Quality {
  /** A first look. */
  DRAFT(8),
  /** Nearly the best, in half of its time. */
  STANDARD(16),
  /** More steps make no better edit. */
  BEST(30);

  private final int steps;

  Quality(int steps) {
    this.steps = steps;
  }

  /** Steps of the inversion, and of the edit. */
  public int steps() {
    return steps;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
