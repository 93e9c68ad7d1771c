package io.github.pix2pixzero.clip;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;

/**
 * What is a letter, a number or a capital in Unicode 16, as transformers' tokenizers know it, and
 * not yet in Unicode 13, as Java 17 does. Later Java releases say the same of these.
 */
final class LaterUnicode {
  private static final String LETTERS =
      "870-887 889-88e 8b5 8c8-8c9 c5d cdd 170d 171f 1b4c 1c89-1c8a 2c2f 2c5f 9ffd-9fff "
          + "a7c0-a7c1 a7cb-a7cd a7d0-a7d1 a7d3 a7d5-a7dc a7f2-a7f4 10570-1057a 1057c-1058a "
          + "1058c-10592 10594-10595 10597-105a1 105a3-105b1 105b3-105b9 105bb-105bc 105c0-105f3 "
          + "10780-10785 10787-107b0 107b2-107ba 10d4a-10d65 10d6f-10d85 10ec2-10ec4 10f70-10f81 "
          + "11071-11072 11075 1123f-11240 11380-11389 1138b 1138e 11390-113b5 113b7 113d1 113d3 "
          + "11740-11746 11ab0-11abf 11bc0-11be0 11f02 11f04-11f10 11f12-11f33 12f90-12ff0 1342f "
          + "13441-13446 13460-143fa 16100-1611d 16a70-16abe 16d40-16d6c 18cff 1aff0-1aff3 "
          + "1aff5-1affb 1affd-1affe 1b11f-1b122 1b132 1b155 1df00-1df1e 1df25-1df2a 1e030-1e06d "
          + "1e290-1e2ad 1e4d0-1e4eb 1e5d0-1e5ed 1e5f0 1e7e0-1e7e6 1e7e8-1e7eb 1e7ed-1e7ee "
          + "1e7f0-1e7fe 2a6de-2a6df 2b735-2b739 2ebf0-2ee5d 31350-323af";

  private static final String NUMBERS =
      "10d40-10d49 116d0-116e3 11bf0-11bf9 11f50-11f59 16130-16139 16ac0-16ac9 16d70-16d79 "
          + "1ccf0-1ccf9 1d2c0-1d2d3 1e4f0-1e4f9 1e5f1-1e5fa";

  /** Capitals, how far apart they are, and how far from each its small letter is. */
  private static final int[][] CAPITALS = {
    {0x1c89, 0x1c89, 1, 1},
    {0x2c2f, 0x2c2f, 1, 0x30},
    {0xa7c0, 0xa7c0, 1, 1},
    {0xa7cb, 0xa7cb, 1, 0x264 - 0xa7cb},
    {0xa7cc, 0xa7da, 2, 1},
    {0xa7dc, 0xa7dc, 1, 0x19b - 0xa7dc},
    {0x10570, 0x1057a, 1, 0x27},
    {0x1057c, 0x1058a, 1, 0x27},
    {0x1058c, 0x10592, 1, 0x27},
    {0x10594, 0x10595, 1, 0x27},
    {0x10d50, 0x10d65, 1, 0x20},
    {0x16ea0, 0x16eb8, 1, 0x1b},
  };

  private static final ImmutableRangeSet<Integer> LATER_LETTERS = ranges(LETTERS);
  private static final ImmutableRangeSet<Integer> LATER_NUMBERS = ranges(NUMBERS);

  private LaterUnicode() {}

  private static ImmutableRangeSet<Integer> ranges(String text) {
    ImmutableRangeSet.Builder<Integer> ranges = ImmutableRangeSet.builder();
    for (String range : Splitter.on(' ').split(text)) {
      int dash = range.indexOf('-');
      int from = Integer.parseInt(dash < 0 ? range : range.substring(0, dash), 16);
      ranges.add(
          Range.closed(from, dash < 0 ? from : Integer.parseInt(range.substring(dash + 1), 16)));
    }
    return ranges.build();
  }

  static boolean isLetter(int c) {
    return Character.isLetter(c) || isUnassigned(c) && LATER_LETTERS.contains(c);
  }

  static boolean isNumber(int c) {
    return switch (Character.getType(c)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> isUnassigned(c) && LATER_NUMBERS.contains(c);
    };
  }

  static int toLowerCase(int c) {
    if (isUnassigned(c)) {
      for (int[] range : CAPITALS) {
        if (c >= range[0] && c <= range[1] && (c - range[0]) % range[2] == 0) {
          return c + range[3];
        }
      }
    }
    return Character.toLowerCase(c);
  }

  private static boolean isUnassigned(int c) {
    return Character.getType(c) == Character.UNASSIGNED;
  }
}
