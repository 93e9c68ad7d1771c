package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * A word whose token embeddings were learned from pictures: textual inversion (Gal et al., 2022).
 * In prompts it is looked up whole, in any case of letters, and takes as many tokens as it has
 * vectors.
 */
public final class LearnedWord {
  private final String token;
  private final String hash;
  private final int width;
  private final float[] vectors;

  /**
   * @param token how prompts call it
   * @param hash names what was learned, so that words of one name can be told apart
   * @param width of a vector
   * @param vectors one or several, one after the other
   * @throws IllegalArgumentException if the token is blank, or the vectors are none or not of this
   *     width or not of finite numbers
   */
  public LearnedWord(String token, String hash, int width, float[] vectors) {
    checkArgument(!token.isBlank(), "a learned word is blank");
    checkArgument(
        width > 0 && vectors.length > 0 && vectors.length % width == 0,
        "%s numbers are no vectors of width %s",
        vectors.length,
        width);
    for (float value : vectors) {
      checkArgument(Float.isFinite(value), "\"%s\" holds numbers that are not finite", token);
    }
    this.token = token;
    this.hash = hash;
    this.width = width;
    this.vectors = vectors.clone();
  }

  /** How prompts call it. */
  public String token() {
    return token;
  }

  /** Names what was learned. */
  public String hash() {
    return hash;
  }

  /** Of a vector. */
  public int width() {
    return width;
  }

  /** Number of vectors, and of tokens that the word takes. */
  public int count() {
    return vectors.length / width;
  }

  /** The vectors one after the other. A fresh array. */
  public float[] vectors() {
    return vectors.clone();
  }

  /** The name of one of its tokens, as diffusers counts them: the word itself, then with _1, _2. */
  String name(int index) {
    return index == 0 ? token : token + "_" + index;
  }
}
