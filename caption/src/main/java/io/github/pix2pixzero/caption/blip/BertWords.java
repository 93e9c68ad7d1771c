package io.github.pix2pixzero.caption.blip;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.text.Normalizer;

/**
 * The words of a text as BERT's tokenizer sees them: in lower case and without accents or control
 * characters, split at white space, around punctuation and around Chinese characters. Agrees with
 * {@code BertNormalizer} and {@code BertPreTokenizer} of the tokenizers library.
 */
final class BertWords {
  private static final char REPLACEMENT = '\ufffd';
  private static final Splitter WORDS = Splitter.on(' ').omitEmptyStrings();
  private static final CharMatcher ASCII_PUNCTUATION =
      CharMatcher.inRange('!', '/')
          .or(CharMatcher.inRange(':', '@'))
          .or(CharMatcher.inRange('[', '`'))
          .or(CharMatcher.inRange('{', '~'));

  private BertWords() {}

  static ImmutableList<String> of(String text) {
    StringBuilder clean = new StringBuilder();
    text.codePoints()
        .filter(c -> !isRemoved(c))
        .forEach(
            c -> {
              if (isSpace(c)) {
                clean.append(' ');
              } else {
                append(clean, c, isChinese(c));
              }
            });
    StringBuilder words = new StringBuilder();
    Normalizer.normalize(clean, Normalizer.Form.NFD)
        .codePoints()
        .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
        .map(Character::toLowerCase) // not the text at once: a sigma's case depends on its place
        .forEach(c -> append(words, c, isPunctuation(c)));
    return ImmutableList.copyOf(WORDS.split(words));
  }

  private static void append(StringBuilder text, int c, boolean alone) {
    String space = alone ? " " : "";
    text.append(space).appendCodePoint(c).append(space);
  }

  private static boolean isRemoved(int c) {
    return c == REPLACEMENT
        || !isSpace(c)
            && switch (Character.getType(c)) {
              case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE -> true;
              default -> false;
            };
  }

  private static boolean isSpace(int c) {
    return c == '\t' || c == '\n' || c == '\r' || Character.isSpaceChar(c);
  }

  private static boolean isPunctuation(int c) {
    return c < 0x80 && ASCII_PUNCTUATION.matches((char) c)
        || switch (Character.getType(c)) {
          case Character.CONNECTOR_PUNCTUATION,
              Character.DASH_PUNCTUATION,
              Character.START_PUNCTUATION,
              Character.END_PUNCTUATION,
              Character.INITIAL_QUOTE_PUNCTUATION,
              Character.FINAL_QUOTE_PUNCTUATION,
              Character.OTHER_PUNCTUATION ->
              true;
          default -> false;
        };
  }

  /** The blocks that the tokenizers library counts as such; Japanese kana and Hangul are not. */
  private static boolean isChinese(int c) {
    return in(c, 0x4e00, 0x9fff)
        || in(c, 0x3400, 0x4dbf)
        || in(c, 0x20000, 0x2a6df)
        || in(c, 0x2a700, 0x2b73f)
        || in(c, 0x2b740, 0x2b81f)
        || in(c, 0x2b920, 0x2ceaf)
        || in(c, 0xf900, 0xfaff)
        || in(c, 0x2f800, 0x2fa1f);
  }

  private static boolean in(int c, int from, int to) {
    return from <= c && c <= to;
  }
}
