package io.github.pix2pixzero.clip;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The ranked merges of {@code merges.txt}: which two neighbouring tokens become which one, and in
 * what order. An open-addressing hash table from the packed pair of ids to the rank.
 */
final class MergeTable {
  private static final long EMPTY = -1;
  private static final String HEADER = "#version";

  private final long[] pairs;
  private final int[] ranks;
  private final int[] merged;

  private MergeTable(int merges) {
    int slots = Integer.highestOneBit(Math.max(1, merges)) << 2;
    pairs = new long[slots];
    ranks = new int[slots];
    merged = new int[merges];
    Arrays.fill(pairs, EMPTY);
  }

  /**
   * @param file the name to use in errors
   * @throws TokenizerFormatException if a line is not two tokens, or one of them or what they merge
   *     to is not in the vocabulary
   */
  static MergeTable read(InputStream in, String file, Vocabulary vocabulary) throws IOException {
    List<String> lines = allLines(in, file);
    return of(lines, first(lines), file, vocabulary);
  }

  /** As {@link #read}, from a file that holds more. */
  static MergeTable of(List<String> merges, String file, Vocabulary vocabulary)
      throws TokenizerFormatException {
    return of(merges, 0, file, vocabulary);
  }

  private static MergeTable of(List<String> lines, int first, String file, Vocabulary vocabulary)
      throws TokenizerFormatException {
    MergeTable table = new MergeTable(lines.size() - first);
    for (int i = first; i < lines.size(); i++) {
      String line = lines.get(i);
      int space = line.indexOf(' ');
      if (space <= 0 || space == line.length() - 1 || line.indexOf(' ', space + 1) >= 0) {
        throw new TokenizerFormatException(
            file,
            String.format("line %s is \"%s\", expected two tokens and one space", i + 1, line));
      }
      String left = line.substring(0, space);
      String right = line.substring(space + 1);
      int rank = i - first;
      table.put(known(left, vocabulary, file, i), known(right, vocabulary, file, i), rank);
      table.merged[rank] = known(left + right, vocabulary, file, i);
    }
    return table;
  }

  /** The lines of {@code merges.txt} that are merges. */
  static List<String> lines(InputStream in, String file) throws IOException {
    List<String> lines = allLines(in, file);
    return lines.subList(first(lines), lines.size());
  }

  private static int first(List<String> lines) {
    return !lines.isEmpty() && lines.get(0).startsWith(HEADER) ? 1 : 0;
  }

  private static List<String> allLines(InputStream in, String file) throws IOException {
    try {
      List<String> lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))
              .lines()
              .toList();
      int end = lines.size();
      while (end > 0 && lines.get(end - 1).isEmpty()) {
        end--;
      }
      return lines.subList(0, end);
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof CharacterCodingException) {
        throw new TokenizerFormatException(file, "expected UTF-8 text", e);
      }
      throw e.getCause();
    }
  }

  private static int known(String token, Vocabulary vocabulary, String file, int line)
      throws TokenizerFormatException {
    int id = vocabulary.id(token);
    if (id < 0) {
      throw new TokenizerFormatException(
          file, String.format("line %s: \"%s\" is not in the vocabulary", line + 1, token));
    }
    return id;
  }

  /** The rank of merging two neighbours (0 merges first), or -1 if they never merge. */
  int rank(int left, int right) {
    int slot = slot(pack(left, right));
    return pairs[slot] == EMPTY ? -1 : ranks[slot];
  }

  /** The token that the merge of a rank makes. */
  int merged(int rank) {
    return merged[rank];
  }

  private void put(int left, int right, int rank) {
    long pair = pack(left, right);
    int slot = slot(pair);
    pairs[slot] = pair;
    ranks[slot] = rank;
  }

  /** Where a pair is, or the free slot where it would go. */
  private int slot(long pair) {
    int mask = pairs.length - 1;
    int slot = (int) (pair * 0x9E3779B97F4A7C15L >>> 32) & mask;
    while (pairs[slot] != pair && pairs[slot] != EMPTY) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private static long pack(int left, int right) {
    return (long) left << 32 | right;
  }
}
