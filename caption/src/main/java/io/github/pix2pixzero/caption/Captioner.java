package io.github.pix2pixzero.caption;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Optional;

/** Says in a sentence what a picture shows: what an edit's inversion is told, and starts from. */
@FunctionalInterface
public interface Captioner {
  /**
   * Writes a caption.
   *
   * @param word a word or phrase that must occur as it stands, but for its case, so that it can be
   *     swapped for another; empty where anything seen will do
   * @return one sentence on one line, short enough for CLIP's 77 tokens; empty if nothing is known
   * @throws IOException if there is no caption, or none with the word
   */
  String caption(BufferedImage picture, Optional<String> word)
      throws IOException, InterruptedException;
}
