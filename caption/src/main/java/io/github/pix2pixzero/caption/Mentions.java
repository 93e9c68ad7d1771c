package io.github.pix2pixzero.caption;

import java.util.regex.Pattern;

/** Whether words occur in sentences. */
public final class Mentions {
  private Mentions() {}

  /** Whether a word or phrase stands in a sentence as it is, whole, in either case. */
  public static boolean of(String word, String sentence) {
    return Pattern.compile(
            "(?<![\\p{L}\\p{N}])" + Pattern.quote(word.strip()) + "(?![\\p{L}\\p{N}])",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
        .matcher(sentence)
        .find();
  }
}
