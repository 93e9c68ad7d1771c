package io.github.pix2pixzero.distill.collect;

import com.google.common.collect.ImmutableMap;
import java.awt.image.BufferedImage;
import java.util.Optional;

/** Judges how well an edit went. */
@FunctionalInterface
public interface PairScore {

  /**
   * What is judged.
   *
   * @param source the picture before the edit
   * @param edited after it, of the same size
   * @param mask where it may have changed, of the same size, white to black
   * @param caption what the source shows
   * @param targetCaption what the edited picture should show, if that was said in words
   */
  record Judged(
      BufferedImage source,
      BufferedImage edited,
      BufferedImage mask,
      String caption,
      Optional<String> targetCaption) {}

  /** Numbers by name; none where there is nothing to say. */
  ImmutableMap<String, Double> of(Judged pair);
}
