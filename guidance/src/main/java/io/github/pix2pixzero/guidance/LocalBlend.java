package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.OptionalInt;

/**
 * Where an edit may differ from the picture: where its words look in either (Hertz et al., 2022,
 * section 3.2, "local editing"). After a step the latent of the edit becomes the picture's
 * everywhere else.
 *
 * <p>A word's map is the sum of its cross-attention maps over all steps so far, as edited, of the
 * layers of one resolution outside the middle of the network. It is max-pooled over 3 × 3, enlarged
 * to the latent, and held against a share of its largest value.
 *
 * @param words of what may change
 * @param without words whose place is left out again; their maps are not pooled
 * @param threshold share of the largest value, from 0 to 1; by default 0.3
 * @param withoutThreshold the same for the words that are left out; by default 0.3
 * @param start share of the steps before the first blend, from 0 to 1; by default 0.2
 * @param downscale of the layers, as {@link io.github.pix2pixzero.unet.AttentionSite#downscale};
 *     empty: those whose maps are the nearest to 16 × 16, which Stable Diffusion has at 4
 */
public record LocalBlend(
    BlendWords words,
    BlendWords without,
    double threshold,
    double withoutThreshold,
    double start,
    OptionalInt downscale) {

  public LocalBlend {
    checkArgument(!words.isEmpty(), "a local blend needs a word of what may change");
    checkShare("threshold", threshold);
    checkShare("threshold of what is left out", withoutThreshold);
    checkShare("start", start);
    checkArgument(
        downscale.isEmpty() || downscale.getAsInt() > 0, "a downscale is 1 or more: %s", downscale);
  }

  private static void checkShare(String name, double share) {
    checkArgument(
        share >= 0 && share <= 1,
        "the %s of a local blend should be 0 to 1, it is %s",
        name,
        share);
  }

  /** The published blend: threshold 0.3, from a fifth of the steps on. */
  public static LocalBlend of(BlendWords words) {
    return new LocalBlend(words, BlendWords.NONE, 0.3, 0.3, 0.2, OptionalInt.empty());
  }

  /**
   * The published blend.
   *
   * @param words of either prompt, as {@link PromptWord#of} reads them
   */
  public static LocalBlend of(String... words) {
    return of(BlendWords.of(words));
  }

  public LocalBlend withThreshold(double share) {
    return new LocalBlend(words, without, share, withoutThreshold, start, downscale);
  }

  public LocalBlend without(BlendWords left) {
    return new LocalBlend(words, left, threshold, withoutThreshold, start, downscale);
  }

  public LocalBlend withWithoutThreshold(double share) {
    return new LocalBlend(words, without, threshold, share, start, downscale);
  }

  public LocalBlend withStart(double share) {
    return new LocalBlend(words, without, threshold, withoutThreshold, share, downscale);
  }

  public LocalBlend withDownscale(int layers) {
    return new LocalBlend(
        words, without, threshold, withoutThreshold, start, OptionalInt.of(layers));
  }
}
