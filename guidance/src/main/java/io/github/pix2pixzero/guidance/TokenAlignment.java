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

  private TokenAlignment(int length) {
    this.length = length;
    shares = new float[length * length];
    matched = new boolean[length];
    same = new boolean[length];
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
    int i = 0;
    int j = 0;
    int gapI = 0;
    int gapJ = 0;
    while (i < original.length && j < edited.length) {
      if (original[i] == edited[j]) {
        alignment.swap(gapI, i, gapJ, j);
        alignment.pair(i, j);
        gapI = ++i;
        gapJ = ++j;
      } else if (longest[i + 1][j] >= longest[i][j + 1]) {
        i++;
      } else {
        j++;
      }
    }
    alignment.swap(gapI, original.length, gapJ, edited.length);
    return alignment;
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

  private void pair(int original, int edited) {
    shares[original * length + edited] = 1;
    matched[edited] = true;
    same[edited] = true;
  }

  /** Spreads one stretch of tokens evenly over another. */
  private void swap(int fromOriginal, int toOriginal, int fromEdited, int toEdited) {
    int m = toOriginal - fromOriginal;
    int n = toEdited - fromEdited;
    if (m == 0 || n == 0) {
      return;
    }
    for (int j = 0; j < n; j++) {
      for (int i = 0; i < m; i++) {
        double overlap =
            Math.min((i + 1.0) / m, (j + 1.0) / n) - Math.max((double) i / m, (double) j / n);
        if (overlap > 1e-9) {
          shares[(fromOriginal + i) * length + fromEdited + j] = (float) (overlap * m);
        }
      }
      matched[fromEdited + j] = true;
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
