package io.github.pix2pixzero.spark;

import java.io.Serializable;

/**
 * What became of a picture.
 *
 * @param picture its URI
 * @param id names what was made of it; empty if it could not be read
 * @param outcome whether there is a result
 * @param message why there is none; else empty
 */
public record PictureResult(String picture, String id, Outcome outcome, String message)
    implements Serializable {

  /** How it went. */
  public enum Outcome {
    /** There is a result, from this run. */
    MADE,
    /** There is one from an earlier run, or of a picture that is the same. */
    KNOWN,
    /** There is none. */
    FAILED
  }
}
