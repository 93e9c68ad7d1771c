package io.github.pix2pixzero.clip;

import java.text.Normalizer;

/**
 * Cleans text before it is split: Unicode NFC, runs of white space to one space, lower case. Agrees
 * with the normalizer of transformers' CLIPTokenizer on all characters up to Unicode 9, and in case
 * with those up to 16; tables of newer ones differ between it and Java releases in the order of
 * stacked combining marks.
 */
final class TextNormalizer {
  private static final char REPLACEMENT = '\ufffd';

  /** The only code point whose lower case is two code points wherever it stands. */
  private static final int CAPITAL_I_WITH_DOT = 0x130;

  private final boolean lowerCase;

  TextNormalizer(boolean lowerCase) {
    this.lowerCase = lowerCase;
  }

  String normalize(String text) {
    String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
    StringBuilder clean = new StringBuilder(composed.length());
    boolean afterSpace = false;
    for (int i = 0, c; i < composed.length(); i += Character.charCount(c)) {
      c = composed.codePointAt(i);
      boolean space = isSpace(c);
      if (!space) {
        append(clean, c);
      } else if (!afterSpace) {
        clean.append(' ');
      }
      afterSpace = space;
    }
    return clean.toString();
  }

  // By code point: String.toLowerCase would write a final sigma by its context, the reference not.
  private void append(StringBuilder clean, int c) {
    if (Character.getType(c) == Character.SURROGATE) {
      clean.append(REPLACEMENT);
    } else if (lowerCase && c == CAPITAL_I_WITH_DOT) {
      clean.append("i\u0307");
    } else {
      clean.appendCodePoint(lowerCase ? LaterUnicode.toLowerCase(c) : c);
    }
  }

  /** Unicode's White_Space property, which no method of {@link Character} is. */
  static boolean isSpace(int c) {
    return c >= '\t' && c <= '\r' || c == 0x85 || Character.isSpaceChar(c);
  }
}
