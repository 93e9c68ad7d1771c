package io.github.pix2pixzero.clip;

/**
 * Splits normalised text into the words that byte pairs never merge across: a contraction ({@code
 * 's 't 're 've 'm 'll 'd}), a run of letters, one digit, or a run of anything else but white
 * space.
 */
final class WordSplitter {
  private static final String[] CONTRACTIONS = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};

  /** Names that the reference cuts out as words even where they are not taken as special tokens. */
  private static final String[] RESERVED = {"<|startoftext|>", "<|endoftext|>"};

  /** Receives the words in order, each as {@code text[start, end)}. */
  interface Words {
    void accept(int start, int end);
  }

  private WordSplitter() {}

  static void split(String text, Words words) {
    int at = 0;
    while (at < text.length()) {
      int reserved = prefix(text, at, RESERVED);
      int end = reserved > 0 ? at + reserved : wordEnd(text, at);
      if (reserved > 0) {
        // The reference splits each of its words once more, and there the name falls apart.
        words.accept(at, at + 2);
        words.accept(at + 2, end - 2);
        words.accept(end - 2, end);
      } else if (!TextNormalizer.isSpace(text.codePointAt(at))) {
        words.accept(at, end);
      }
      at = end;
    }
  }

  /** Whether a word of natural language goes on through this: a letter, a mark on one, a digit. */
  static boolean isWordCharacter(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> Kind.of(c) == Kind.LETTER || Kind.of(c) == Kind.NUMBER;
    };
  }

  private static int wordEnd(String text, int start) {
    int contraction = prefix(text, start, CONTRACTIONS);
    if (contraction > 0) {
      return start + contraction;
    }
    int first = text.codePointAt(start);
    Kind kind = Kind.of(first);
    int end = start + Character.charCount(first);
    if (kind == Kind.NUMBER) {
      return end;
    }
    while (end < text.length() && Kind.of(text.codePointAt(end)) == kind) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  /** The length of the candidate that the text goes on with, or 0. */
  private static int prefix(String text, int start, String[] candidates) {
    for (String candidate : candidates) {
      if (text.startsWith(candidate, start)) {
        return candidate.length();
      }
    }
    return 0;
  }

  private enum Kind {
    LETTER,
    NUMBER,
    SPACE,
    OTHER;

    static Kind of(int c) {
      if (LaterUnicode.isLetter(c)) {
        return LETTER;
      }
      if (TextNormalizer.isSpace(c)) {
        return SPACE;
      }
      return LaterUnicode.isNumber(c) ? NUMBER : OTHER;
    }
  }
}
