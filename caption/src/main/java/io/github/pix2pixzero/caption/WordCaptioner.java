package io.github.pix2pixzero.caption;

import io.github.pix2pixzero.direction.SentenceBank;
import java.awt.image.BufferedImage;
import java.util.Optional;

/** Does not look: "a photo of a cat" where the word is cat, nothing where there is no word. */
public final class WordCaptioner implements Captioner {
  @Override
  public String caption(BufferedImage picture, Optional<String> word) {
    return word.map(SentenceBank::caption).orElse("");
  }
}
