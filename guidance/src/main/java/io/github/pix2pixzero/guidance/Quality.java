package io.github.pix2pixzero.guidance;

import java.util.Locale;

/**
 * How good an edit should be, and so how long it may take; {@code docs/ablation.md} has what each
 * is worth.
 */
public enum Quality {
  /** A first look. */
  DRAFT(6),
  /** What did best where the right answer is known. */
  STANDARD(12),
  /**
   * For pictures that have more detail than those where the right answer is known, of which it
   * makes no better edits than {@link #STANDARD}.
   */
  BEST(24);

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
