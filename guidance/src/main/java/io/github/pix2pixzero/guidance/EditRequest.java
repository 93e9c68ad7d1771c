package io.github.pix2pixzero.guidance;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.clip.ClipTokenizer;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is known of an edit before its picture is inverted.
 *
 * @param tokenizer of the model
 * @param caption what the picture shows
 * @param targetCaption what the edited picture should show; empty if a direction leads there
 * @param steps of the edit
 * @param invertedSteps of the inversion; 0 if the edit needs none
 * @param generated whether the picture was generated, so that its noise is no inverted one
 */
public record EditRequest(
    ClipTokenizer tokenizer,
    String caption,
    Optional<String> targetCaption,
    int steps,
    int invertedSteps,
    boolean generated) {

  private static final Splitter WORDS =
      Splitter.on(Pattern.compile("[^\\p{L}\\p{N}]+")).omitEmptyStrings();

  /** Whether the target caption says all that the caption says, in the same order, and more. */
  public boolean addsWords() {
    String said = tokenizer.withoutWeights(caption);
    return targetCaption
        .map(tokenizer::withoutWeights)
        .filter(target -> adds(said, target))
        .isPresent();
  }

  static boolean adds(String caption, String text) {
    Iterator<String> kept = withoutArticles(caption).iterator();
    if (!kept.hasNext()) {
      return false;
    }
    String next = kept.next();
    boolean more = false;
    for (String word : withoutArticles(text)) {
      if (word.equals(next)) {
        next = kept.hasNext() ? kept.next() : null;
      } else {
        more = true;
      }
    }
    return next == null && more;
  }

  /** Articles depend on the word that follows. */
  private static ImmutableList<String> withoutArticles(String text) {
    return words(text).stream()
        .filter(word -> !word.equals("a") && !word.equals("an"))
        .collect(ImmutableList.toImmutableList());
  }

  /** In lower case, without punctuation. */
  static ImmutableList<String> words(String text) {
    return ImmutableList.copyOf(WORDS.split(text.toLowerCase(Locale.ROOT)));
  }
}
