package io.github.pix2pixzero.evaluation;

import io.github.pix2pixzero.evaluation.set.Sample;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.time.Duration;

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
   * A result.
   *
   * @param picture in the size of the source
   * @param inversion how much of the time it took to invert the source; zero where that was not
   *     done, or for another result
   */
  record Edited(BufferedImage picture, Duration inversion) {}

  /**
   * Edits a picture.
   *
   * @param source as {@link Sample#source()} read it
   * @throws IOException if a file is missing or malformed
   */
  Edited edit(Sample sample, BufferedImage source) throws IOException;
}
