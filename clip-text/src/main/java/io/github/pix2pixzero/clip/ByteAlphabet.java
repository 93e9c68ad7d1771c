package io.github.pix2pixzero.clip;

import java.util.Arrays;

/**
 * The printable stand-ins for the 256 byte values in which byte-level vocabularies are written:
 * printable Latin-1 stands for itself, the other bytes for U+0100 onwards in ascending order
 * (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019).
 */
final class ByteAlphabet {
  private static final char[] CHAR_OF_BYTE = new char[256];
  private static final short[] BYTE_OF_CHAR;

  static {
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b > ' ' && b < 0x7f || b > 0xa0 && b != 0xad;
      CHAR_OF_BYTE[b] = (char) (printable ? b : next++);
    }
    BYTE_OF_CHAR = new short[next];
    Arrays.fill(BYTE_OF_CHAR, (short) -1);
    for (int b = 0; b < 256; b++) {
      BYTE_OF_CHAR[CHAR_OF_BYTE[b]] = (short) b;
    }
  }

  private ByteAlphabet() {}

  /** The character that stands for a byte, given as 0…255. */
  static char charOf(int unsignedByte) {
    return CHAR_OF_BYTE[unsignedByte];
  }

  /** The byte (0…255) that a code point stands for, or -1 if it is not of the alphabet. */
  static int byteOf(int c) {
    return c < BYTE_OF_CHAR.length ? BYTE_OF_CHAR[c] : -1;
  }
}
