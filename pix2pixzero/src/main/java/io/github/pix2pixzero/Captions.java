package io.github.pix2pixzero;

import io.github.pix2pixzero.direction.WholeWord;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;

/** Captions whose subject changes. */
final class Captions {
  private static final String VOWELS = "aeiou";

  private Captions() {}

  /**
   * A caption in which a word or phrase is replaced wherever it stands whole, together with an
   * article before it: "an old cat", cat to dog; "a cat", cat to owl gives "an owl".
   *
   * @return empty if the word does not occur
   */
  static Optional<String> replaced(String caption, String from, String to) {
    Matcher matcher = WholeWord.pattern("(?:(an?)(\\s+))?", from).matcher(caption);
    StringBuilder result = new StringBuilder();
    boolean found = false;
    while (matcher.find()) {
      found = true;
      String article = matcher.group(1);
      String before = article == null ? "" : article(article, to) + matcher.group(2);
      matcher.appendReplacement(result, Matcher.quoteReplacement(before + to));
    }
    return found ? Optional.of(matcher.appendTail(result).toString()) : Optional.empty();
  }

  private static String article(String old, String word) {
    String first = word.substring(0, 1).toLowerCase(Locale.ROOT);
    return old.substring(0, 1) + (VOWELS.contains(first) ? "n" : "");
  }
}
