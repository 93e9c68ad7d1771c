package io.github.pix2pixzero.direction;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Sentences about a word from a language model, as the paper took them from GPT-3 (Parmar et al.,
 * 2023, section 3.1): diverse captions that all have the word in them.
 */
public final class ChatSentences implements SentenceSource {
  /** More at a time get alike, or cut off. */
  private static final int SENTENCES_PER_REQUEST = 50;

  /** Requests beyond those that would do if every answer were as asked. */
  private static final int SPARE_REQUESTS = 3;

  private static final int REMINDERS = 20;

  private static final Pattern BULLET = Pattern.compile("^(\\d+[.):]|[-*•])\\s*");
  private static final CharMatcher QUOTES = CharMatcher.anyOf("\"“” ");
  private static final CharMatcher SENTENCE_ENDS = CharMatcher.anyOf(".! ");

  private final Chat chat;

  /** Asks a language model, which may be a method: {@code model::chat}. */
  public ChatSentences(Chat chat) {
    this.chat = chat;
  }

  @Override
  public ImmutableList<String> about(String word, int count)
      throws IOException, InterruptedException {
    checkArgument(!word.isBlank(), "there are no sentences about a blank word");
    checkArgument(count >= 1, "at least one sentence is wanted, not %s", count);
    Map<String, String> sentences = new LinkedHashMap<>();
    int requests = (count - 1) / SENTENCES_PER_REQUEST + 1 + SPARE_REQUESTS;
    for (int i = 0; i < requests && sentences.size() < count; i++) {
      int missing = Math.min(count - sentences.size(), SENTENCES_PER_REQUEST);
      chat.answer(prompt(word.strip(), missing, sentences.values()))
          .lines()
          .forEach(line -> addIfAbout(word, line, sentences));
    }
    if (sentences.size() < count) {
      throw new IOException(
          "the language model gave %s usable sentences about %s, %s were wanted"
              .formatted(sentences.size(), word, count));
    }
    return sentences.values().stream().limit(count).collect(ImmutableList.toImmutableList());
  }

  private static String prompt(String word, int count, Iterable<String> before) {
    String prompt =
        """
        Write %s different captions of pictures that show: %s.
        Each is one English sentence of at most 150 characters and names it in these very words. \
        Let them differ in place, light, action, company and style.
        One caption a line: no numbers, no bullets, no quotation marks, nothing else."""
            .formatted(count, word);
    return Iterables.isEmpty(before)
        ? prompt
        : prompt
            + "\nThese are there already:\n"
            + String.join("\n", Iterables.limit(before, REMINDERS));
  }

  /** Without bullet, number or quotes; sentences that miss the word would blur the direction. */
  private static void addIfAbout(String word, String line, Map<String, String> sentences) {
    String sentence = QUOTES.trimFrom(BULLET.matcher(line.strip()).replaceFirst(""));
    String plain = sentence.toLowerCase(Locale.ROOT);
    if (plain.contains(word.strip().toLowerCase(Locale.ROOT))) {
      sentences.putIfAbsent(SENTENCE_ENDS.trimTrailingFrom(plain), sentence);
    }
  }
}
