package io.github.pix2pixzero.evaluation.measure;

import java.util.OptionalDouble;

/** A number about an edited picture. */
public interface Measure {

  /** Which way is better. */
  enum Better {
    HIGHER,
    LOWER,
    /** Neither: the number describes the set. */
    NEITHER
  }

  /** What tables and files call it, such as {@code psnr_unedit_part}. */
  String title();

  Better better();

  /** How it is taken, where there is a choice: variant, network and its fingerprint; or empty. */
  String settings();

  /**
   * Takes the measure.
   *
   * @return empty where the comparison has not what it needs, as a mask that leaves something out;
   *     such a picture counts in no mean
   * @throws IllegalArgumentException if the pictures are too small for it
   */
  OptionalDouble of(Comparison comparison);
}
