package io.github.pix2pixzero.direction;

import java.util.regex.Pattern;

/** Words and phrases where they stand whole in a sentence, in either case. */
public final class WholeWord {
  private WholeWord() {}

  /** Whether a word or phrase stands in a sentence as it is. */
  public static boolean occursIn(String sentence, String word) {
    return pattern("", word).matcher(sentence).find();
  }

  /**
   * What finds a word or phrase.
   *
   * @param before a regular expression of what belongs to it if it stands before it; may be empty
   */
  public static Pattern pattern(String before, String word) {
    return Pattern.compile(
        "(?<![\\p{L}\\p{N}])" + before + Pattern.quote(word.strip()) + "(?![\\p{L}\\p{N}])",
        Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
  }
}
