package io.github.pix2pixzero.evaluation;

import io.github.pix2pixzero.evaluation.set.Sample;
import java.awt.image.BufferedImage;
import java.io.IOException;

/** A method that edits the pictures of a set. */
public interface Editor {

  /**
   * Names it in tables, and its folder of results: letters, digits and {@code . _ + -}, such as
   * {@code ddim+p2p}.
   */
  String name();

  /**
   * Everything that its results depend on, for reports; results of other settings are not mixed.
   */
  String settings();

  /**
   * Edits a picture.
   *
   * @param source as {@link Sample#source()} read it
   * @return the result, in the picture's size
   * @throws IOException if a file is missing or malformed
   */
  BufferedImage edit(Sample sample, BufferedImage source) throws IOException;
}
