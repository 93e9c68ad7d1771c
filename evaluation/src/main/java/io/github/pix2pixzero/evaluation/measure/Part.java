package io.github.pix2pixzero.evaluation.measure;

import java.util.Optional;

/** What of a picture is measured. */
public enum Part {
  WHOLE(""),
  /** What was not to be edited. */
  BACKGROUND("_unedit_part"),
  /** What was. */
  EDITED("_edit_part");

  private final String suffix;

  Part(String suffix) {
    this.suffix = suffix;
  }

  /** How PIE-Bench ends the names of measures of this part. */
  public String suffix() {
    return suffix;
  }

  /** The pixels that count. */
  record Pixels(boolean[] keep) {}

  /**
   * The pixels of this part.
   *
   * @return empty if the comparison has no mask or this part has no pixels; null inside for all
   */
  Optional<Pixels> of(Comparison comparison) {
    if (this == WHOLE) {
      return Optional.of(new Pixels(null));
    }
    return comparison
        .region()
        .map(region -> new Pixels(this == EDITED ? region.inside() : region.outside()))
        .filter(Part::isSomething);
  }

  private static boolean isSomething(Pixels pixels) {
    for (boolean keep : pixels.keep) {
      if (keep) {
        return true;
      }
    }
    return false;
  }
}
