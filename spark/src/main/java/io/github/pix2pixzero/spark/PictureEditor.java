package io.github.pix2pixzero.spark;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;

/** An edit as executors are sent it: {@link DiffusionEditor}, {@link StudentEditor}, or another. */
public interface PictureEditor extends Serializable {

  /**
   * What tells its results from those of other edits; the same on all executors. Asked for once a
   * task, before pictures are edited.
   *
   * @throws IOException if what it edits with cannot be read
   * @throws IllegalArgumentException if the edit is not one that can be made
   */
  String identity() throws IOException;

  /**
   * Edits a picture.
   *
   * @param caption what it shows, if that is known of this one
   * @throws IOException if what it edits with cannot be read
   * @throws IllegalArgumentException if this picture cannot be edited so
   * @throws ArithmeticException if the edit runs off to infinity
   */
  BufferedImage edit(BufferedImage picture, Optional<String> caption) throws IOException;
}
