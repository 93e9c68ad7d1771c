package io.github.pix2pixzero.tensor.random;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Objects;

/**
 * A counter-based generator: Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3" (SC 2011). The seed is the key; the words are the cipher's outputs for the counters 0,
 * 1, 2, …, four words each.
 *
 * <p>{@link #split} gives any number of independent generators, each reproducible whatever the
 * others draw and in whatever order. Unlike PyTorch's generator, the lengths asked for do not
 * matter: filling 7 and then 9 numbers gives the same as filling 16. The mapping:
 *
 * <ul>
 *   <li>uniform: the upper 24 bits of a word, times 2<sup>-24</sup>;
 *   <li>normal: of two words a, b with u = (a + 1/2)·2<sup>-32</sup> and θ = 2π·b·2<sup>-32</sup>,
 *       first √(-2 ln u)·cos θ, then √(-2 ln u)·sin θ (Box–Muller), computed in double with {@link
 *       StrictMath}, which is the same on every machine;
 *   <li>integer: the upper half of word × bound, drawn again in the rare case that would be biased
 *       (Lemire, "Fast random integer generation in an interval", 2019).
 * </ul>
 */
public final class PhiloxGenerator implements Generator {
  private static final int ROUNDS = 10;
  private static final int WORDS = 4;
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;

  /** The third counter word: it keeps the counters for drawing and for splitting apart. */
  private static final int DRAWING = 0;

  private static final int SPLITTING = 1;

  private final long seed;
  private final int[] words = new int[WORDS];
  private long blocks;
  private int next = WORDS;

  /** The second number of the last normal pair, or NaN. */
  private double spareNormal = Double.NaN;

  public PhiloxGenerator(long seed) {
    this.seed = seed;
  }

  @Override
  public long seed() {
    return seed;
  }

  /**
   * Where a generator stands.
   *
   * @param words how many words have been drawn
   * @param spareNormal the second number of the last normal pair if it has not been drawn yet, else
   *     NaN
   */
  public record Position(long words, double spareNormal) {
    /** The start. */
    public static final Position ZERO = new Position(0, Double.NaN);

    public Position {
      checkArgument(words >= 0, "a generator has drawn at least 0 words, got %s", words);
    }

    /** For files; {@link #parse} reads it. */
    @Override
    public String toString() {
      return words + ":" + Long.toHexString(Double.doubleToLongBits(spareNormal));
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws IllegalArgumentException if it is nothing of the kind
     */
    public static Position parse(String text) {
      checkArgument(
          text.matches("\\d{1,18}:[0-9a-f]{1,16}"), "'%s' is no position of a generator", text);
      int colon = text.indexOf(':');
      return new Position(
          Long.parseLong(text.substring(0, colon)),
          Double.longBitsToDouble(Long.parseUnsignedLong(text.substring(colon + 1), 16)));
    }
  }

  /** Where this generator stands: from there on {@link #seek} draws the same. */
  public Position position() {
    return new Position(blocks * WORDS - (WORDS - next), spareNormal);
  }

  /** Goes on from a position of a generator of the same seed. */
  public void seek(Position position) {
    blocks = position.words() / WORDS;
    next = (int) (position.words() % WORDS);
    spareNormal = position.spareNormal();
    if (next == 0) {
      next = WORDS;
    } else {
      block(blocks++, DRAWING, 0, seed, words);
    }
  }

  /**
   * An independent generator. It depends on this one's seed and on {@code stream} alone, not on
   * what was drawn or split before, and can itself be split. Its {@link #seed} makes it again.
   */
  public PhiloxGenerator split(long stream) {
    int[] derived = new int[WORDS];
    block(stream, SPLITTING, 0, seed, derived);
    return new PhiloxGenerator(
        Integer.toUnsignedLong(derived[0]) | Integer.toUnsignedLong(derived[1]) << 32);
  }

  @Override
  public void fillNormal(float[] out, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, out.length);
    for (int i = offset; i < offset + length; i++) {
      out[i] = (float) nextNormal();
    }
  }

  @Override
  public void fillUniform(float[] out, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, out.length);
    for (int i = offset; i < offset + length; i++) {
      out[i] = (nextWord() >>> 8) * 0x1p-24f;
    }
  }

  @Override
  public int nextInt(int bound) {
    checkArgument(bound > 0, "bound must be positive, but is %s", bound);
    int biased = Integer.remainderUnsigned(-bound, bound); // 2^32 mod bound
    long product;
    do {
      product = Integer.toUnsignedLong(nextWord()) * bound;
    } while (Integer.compareUnsigned((int) product, biased) < 0);
    return (int) (product >>> 32);
  }

  private double nextNormal() {
    if (!Double.isNaN(spareNormal)) {
      double result = spareNormal;
      spareNormal = Double.NaN;
      return result;
    }
    double u = (Integer.toUnsignedLong(nextWord()) + 0.5) * 0x1p-32;
    double theta = 2 * Math.PI * (Integer.toUnsignedLong(nextWord()) * 0x1p-32);
    double radius = Math.sqrt(-2 * StrictMath.log(u));
    spareNormal = radius * StrictMath.sin(theta);
    return radius * StrictMath.cos(theta);
  }

  private int nextWord() {
    if (next == WORDS) {
      block(blocks++, DRAWING, 0, seed, words);
      next = 0;
    }
    return words[next++];
  }

  /**
   * The cipher: Philox4x32-10 of one counter.
   *
   * @param counter counter words 0 (lower half) and 1
   * @param counter2 counter word 2
   * @param counter3 counter word 3
   * @param key key words 0 (lower half) and 1
   * @param out receives the four words
   */
  static void block(long counter, int counter2, int counter3, long key, int[] out) {
    int c0 = (int) counter;
    int c1 = (int) (counter >>> 32);
    int c2 = counter2;
    int c3 = counter3;
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * Integer.toUnsignedLong(c0);
      long product1 = MULTIPLIER_1 * Integer.toUnsignedLong(c2);
      c0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      c1 = (int) product1;
      c2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c3 = (int) product0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
