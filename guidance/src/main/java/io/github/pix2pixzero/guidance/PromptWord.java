package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.Encoding;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A word of a prompt, or a phrase.
 *
 * @param text as the prompt has it; upper and lower case are the same
 * @param occurrence which of several, from 1; 0 for all of them
 */
public record PromptWord(String text, int occurrence) {
  private static final Pattern NUMBERED = Pattern.compile("(.+):(\\d{1,3})");

  public PromptWord {
    checkArgument(!text.isBlank(), "a word of a prompt is blank");
    checkArgument(occurrence >= 0, "the occurrences of a word count from 1, not %s", occurrence);
  }

  /** Reads {@code cat}, all its occurrences, or {@code cat:2}, the second. */
  public static PromptWord of(String text) {
    Matcher matcher = NUMBERED.matcher(text);
    if (!matcher.matches()) {
      return new PromptWord(text, 0);
    }
    int occurrence = Integer.parseInt(matcher.group(2));
    checkArgument(occurrence > 0, "the occurrences of a word count from 1, not as in %s", text);
    return new PromptWord(matcher.group(1), occurrence);
  }

  /** Whether a prompt has the word. */
  boolean isIn(ClipTokenizer tokenizer, String prompt) {
    return tokenizer.occurrencesOf(prompt, text).size() >= Math.max(1, occurrence);
  }

  /**
   * The positions of the word's tokens in an encoded prompt.
   *
   * @throws IllegalArgumentException if the prompt has no such word, or only where it was cut
   */
  int[] tokens(ClipTokenizer tokenizer, String prompt) {
    List<int[]> occurrences = tokenizer.occurrencesOf(prompt, text);
    checkArgument(!occurrences.isEmpty(), "%s", absence(tokenizer, prompt));
    checkArgument(
        occurrence <= occurrences.size(),
        "\"%s\" has %s only %s times",
        prompt,
        text,
        occurrences.size());
    return occurrence == 0
        ? tokenizer.tokensOf(prompt, text)
        : occurrences.get(occurrence - 1).clone();
  }

  private String absence(ClipTokenizer tokenizer, String prompt) {
    Encoding encoding = tokenizer.tokenize(prompt);
    int end = encoding.tokens().get(encoding.tokens().size() - 1).start();
    return "there is no %s in \"%s\"; its words are %s"
        .formatted(
            text, prompt, String.join(", ", EditRequest.words(encoding.text().substring(0, end))));
  }

  @Override
  public String toString() {
    return occurrence == 0 ? text : text + ":" + occurrence;
  }
}
