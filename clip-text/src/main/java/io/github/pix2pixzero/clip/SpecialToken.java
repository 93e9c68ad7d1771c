package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A token that is looked up whole wherever its text occurs, before words are split.
 *
 * @param content its text, which is also its entry in the vocabulary; not empty
 * @param normalized whether it is looked for after the text was normalised (so in any case of
 *     letters) rather than in the text as typed
 */
public record SpecialToken(String content, boolean normalized) {
  /**
   * @throws IllegalArgumentException if the content is empty
   */
  public SpecialToken {
    checkArgument(!content.isEmpty(), "a special token must not be empty");
  }

  /** A token that is looked for in the text as typed, which is what a bare string means. */
  public static SpecialToken of(String content) {
    return new SpecialToken(content, false);
  }
}
