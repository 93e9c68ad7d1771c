package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.util.Arrays;

/**
 * Which tokens of an edited prompt correspond to which of the original (Hertz et al., "Prompt-to-
 * Prompt", 2022). Tokens of the longest common subsequence correspond one to one. What stands
 * between them in both prompts has been swapped, and each of its tokens corresponds to its share of
 * the other's; what stands in one only has no counterpart.
 */
public final class TokenAlignment {
  private final int length;

  /** Share of each original token in each edited one, [original, edited]. */
  private final float[] shares;

  /** Which edited tokens have a counterpart, and which have the very same one. */
  private final boolean[] matched;

  private final boolean[] same;

  TokenAlignment(int length, float[] shares, boolean[] matched, boolean[] same) {
    this.length = length;
    this.shares = shares;
    this.matched = matched;
    this.same = same;
  }

  private TokenAlignment(int length) {
    this(length, new float[length * length], new boolean[length], new boolean[length]);
  }

  /** Every token corresponds to the one at its own place, whatever they are. */
  public static TokenAlignment inPlace(int length) {
    TokenAlignment alignment = new TokenAlignment(length);
    for (int i = 0; i < length; i++) {
      alignment.pair(new Pair(i, i));
    }
    return alignment;
  }

  /**
   * Aligns two encoded prompts, padding included.
   *
   * @param original token ids
   * @param edited token ids, as many
   */
  public static TokenAlignment of(int[] original, int[] edited) {
    checkArgument(
        original.length == edited.length,
        "prompts of %s and %s tokens",
        original.length,
        edited.length);
    TokenAlignment alignment = new TokenAlignment(original.length);
    int[][] longest = longestCommon(original, edited);
    Pair from = new Pair(0, 0);
    while (longest[from.original][from.edited] > 0) {
      Pair next = nextPair(original, edited, longest, from);
      alignment.swap(from, next);
      alignment.pair(next);
      from = new Pair(next.original + 1, next.edited + 1);
    }
    alignment.swap(from, new Pair(original.length, edited.length));
    return alignment;
  }

  /** A position in either prompt. */
  private record Pair(int original, int edited) {}

  /**
   * The next pair of a longest common subsequence, and of several the nearest: otherwise the
   * padding of one prompt could be taken for a word of the other.
   */
  private static Pair nextPair(int[] original, int[] edited, int[][] longest, Pair from) {
    for (int skipped = 0; ; skipped++) {
      for (int ofOriginal = 0; ofOriginal <= skipped; ofOriginal++) {
        int i = from.original + ofOriginal;
        int j = from.edited + skipped - ofOriginal;
        if (i < original.length
            && j < edited.length
            && original[i] == edited[j]
            && longest[i][j] == longest[from.original][from.edited]) {
          return new Pair(i, j);
        }
      }
    }
  }

  /** Length of the longest common subsequence of what follows each pair of positions. */
  private static int[][] longestCommon(int[] a, int[] b) {
    int[][] longest = new int[a.length + 1][b.length + 1];
    for (int i = a.length - 1; i >= 0; i--) {
      for (int j = b.length - 1; j >= 0; j--) {
        longest[i][j] =
            a[i] == b[j]
                ? longest[i + 1][j + 1] + 1
                : Math.max(longest[i + 1][j], longest[i][j + 1]);
      }
    }
    return longest;
  }

  private void pair(Pair same) {
    shares[same.original * length + same.edited] = 1;
    matched[same.edited] = true;
    this.same[same.edited] = true;
  }

  /** Spreads a stretch of original tokens evenly over one of edited tokens. */
  private void swap(Pair from, Pair to) {
    int m = to.original - from.original;
    int n = to.edited - from.edited;
    if (m == 0 || n == 0) {
      return;
    }
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        double overlap =
            Math.min((i + 1.0) / m, (j + 1.0) / n) - Math.max((double) i / m, (double) j / n);
        if (overlap > 1e-9) {
          shares[(from.original + i) * length + from.edited + j] = (float) (overlap * m);
        }
      }
      matched[from.edited + j] = true;
    }
  }

  /** Tokens in either prompt. */
  public int length() {
    return length;
  }

  /**
   * The matrix that takes maps over the original tokens to maps over the edited ones, [length,
   * length]: a token's attention is shared among its counterparts.
   */
  public Tensor matrix(Backend backend) {
    return Tensor.of(backend, shares.clone(), length, length);
  }

  /** Edited tokens with a counterpart, the same or a swapped one. */
  public boolean[] matched() {
    return Arrays.copyOf(matched, length);
  }

  /** Edited tokens whose counterpart is the same token. */
  public boolean[] same() {
    return Arrays.copyOf(same, length);
  }
}
