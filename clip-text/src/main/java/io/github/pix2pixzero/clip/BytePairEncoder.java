package io.github.pix2pixzero.clip;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * Byte pair encoding of single words (Sennrich et al., "Neural Machine Translation of Rare Words
 * with Subword Units", 2016): a word begins as its UTF-8 bytes, the last one marked {@code </w>},
 * and the neighbours whose merge ranks first are merged until none can be. Thread safe.
 */
final class BytePairEncoder {
  static final String END_OF_WORD = "</w>";

  private static final int CACHED_WORDS = 10_000;

  /** Words longer than this are rare and would fill the cache with what is never asked again. */
  private static final int CACHED_LENGTH = 64;

  /**
   * A word's tokens.
   *
   * @param ids their ids
   * @param starts the character of the word in which each begins
   * @param ends the character after the one in which each ends; a character whose bytes fell to two
   *     tokens belongs to both
   */
  record Word(int[] ids, int[] starts, int[] ends) {}

  private final MergeTable merges;
  private final int[] byteIds = new int[256];
  private final int[] lastByteIds = new int[256];
  private final Cache<String, Word> cache =
      CacheBuilder.newBuilder().maximumSize(CACHED_WORDS).build();

  BytePairEncoder(Vocabulary vocabulary, MergeTable merges, int unknownId) {
    this.merges = merges;
    for (int b = 0; b < 256; b++) {
      String symbol = String.valueOf(ByteAlphabet.charOf(b));
      int id = vocabulary.id(symbol);
      int lastId = vocabulary.id(symbol + END_OF_WORD);
      byteIds[b] = id < 0 ? unknownId : id;
      lastByteIds[b] = lastId < 0 ? unknownId : lastId;
    }
  }

  /** The tokens of a word, which is not empty. */
  Word encode(String word) {
    if (word.length() > CACHED_LENGTH) {
      return merge(word);
    }
    Word known = cache.getIfPresent(word);
    if (known == null) {
      known = merge(word);
      cache.put(word, known);
    }
    return known;
  }

  /**
   * Appends the bytes that a token of the vocabulary stands for; the end of a word is a space. A
   * character that stands for no byte is itself.
   */
  static void decode(String token, ByteArrayOutputStream bytes) {
    boolean endsWord = token.endsWith(END_OF_WORD);
    String symbols = endsWord ? token.substring(0, token.length() - END_OF_WORD.length()) : token;
    symbols
        .codePoints()
        .forEach(
            c -> {
              int b = ByteAlphabet.byteOf(c);
              if (b >= 0) {
                bytes.write(b);
              } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
              }
            });
    if (endsWord) {
      bytes.write(' ');
    }
  }

  private Word merge(String word) {
    byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
    int[] symbols = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      symbols[i] = byteIds[bytes[i] & 0xff];
    }
    symbols[bytes.length - 1] = lastByteIds[bytes[bytes.length - 1] & 0xff];
    int[] next = new Merging(symbols).run();

    int count = 0;
    for (int i = 0; i < symbols.length; i = next[i]) {
      count++;
    }
    int[] byteStarts = new int[count];
    int[] ids = new int[count];
    for (int i = 0, token = 0; i < symbols.length; i = next[i], token++) {
      byteStarts[token] = i;
      ids[token] = symbols[i];
    }
    return located(word, bytes.length, ids, byteStarts);
  }

  private static Word located(String word, int byteCount, int[] ids, int[] byteStarts) {
    int[] charOfByte = new int[byteCount];
    for (int i = 0, b = 0, c; i < word.length(); i += Character.charCount(c)) {
      c = word.codePointAt(i);
      int width = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      Arrays.fill(charOfByte, b, b + width, i);
      b += width;
    }
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    for (int token = 0; token < ids.length; token++) {
      starts[token] = charOfByte[byteStarts[token]];
      int lastByte = (token + 1 < ids.length ? byteStarts[token + 1] : byteCount) - 1;
      int lastChar = charOfByte[lastByte];
      ends[token] = lastChar + Character.charCount(word.codePointAt(lastChar));
    }
    return new Word(ids, starts, ends);
  }

  /**
   * The merging of one word: symbols in a linked list over their first bytes, candidate merges in a
   * queue by rank and then by place, so that long words cost n log n.
   */
  private final class Merging {
    private static final int GONE = -1;

    private final int[] symbols;
    private final int[] next;
    private final int[] previous;
    private final PriorityQueue<Long> candidates = new PriorityQueue<>();

    Merging(int[] symbols) {
      this.symbols = symbols;
      next = new int[symbols.length];
      previous = new int[symbols.length];
      for (int i = 0; i < symbols.length; i++) {
        next[i] = i + 1;
        previous[i] = i - 1;
      }
    }

    /** Merges in place; returns where the symbol after each remaining one begins. */
    int[] run() {
      for (int i = 0; i + 1 < symbols.length; i++) {
        propose(i);
      }
      while (!candidates.isEmpty()) {
        long candidate = candidates.poll();
        int rank = (int) (candidate >>> 32);
        int left = (int) candidate;
        // An earlier merge may have taken either neighbour since this one was proposed.
        if (rankAt(left) == rank) {
          join(left, merges.merged(rank));
        }
      }
      return next;
    }

    private void join(int left, int id) {
      int right = next[left];
      symbols[left] = id;
      symbols[right] = GONE;
      next[left] = next[right];
      if (next[left] < symbols.length) {
        previous[next[left]] = left;
        propose(left);
      }
      if (previous[left] >= 0) {
        propose(previous[left]);
      }
    }

    private void propose(int left) {
      int rank = rankAt(left);
      if (rank >= 0) {
        candidates.add((long) rank << 32 | left);
      }
    }

    private int rankAt(int left) {
      boolean pair = symbols[left] != GONE && next[left] < symbols.length;
      return pair ? merges.rank(symbols[left], symbols[next[left]]) : -1;
    }
  }
}
