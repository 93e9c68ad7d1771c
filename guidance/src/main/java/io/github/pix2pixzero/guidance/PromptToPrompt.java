package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import java.util.Arrays;
import java.util.Map;

/**
 * The controllers of Prompt-to-Prompt (Hertz et al., 2022, section 3.2): instead of pulling the
 * edited maps towards those of the original prompt they are put in their place.
 *
 * <p>The edited prompt must be the only row of its batch. When to use a controller and when not any
 * more is for the caller, who makes one for each step from that step's maps.
 */
public final class PromptToPrompt implements AttentionControl {
  private final MapRecorder original;
  private final TokenAlignment alignment;
  private final float[] taken;
  private final float[] weights;
  private final int finestSelf;

  private PromptToPrompt(
      MapRecorder original,
      TokenAlignment alignment,
      float[] taken,
      float[] weights,
      int finestSelf) {
    this.original = original;
    this.alignment = alignment;
    this.taken = taken;
    this.weights = weights;
    this.finestSelf = finestSelf;
  }

  /**
   * Word swap: every token with a counterpart looks where that one looked, swapped words included.
   *
   * @param original maps of a pass with the original prompt at the same timestep, of all
   *     cross-attention sites
   */
  public static PromptToPrompt replace(MapRecorder original, TokenAlignment alignment) {
    return new PromptToPrompt(
        original, alignment, asFloats(alignment.matched()), ones(alignment), Integer.MAX_VALUE);
  }

  /** Refinement: the tokens that both prompts share look where they looked, new ones as they do. */
  public static PromptToPrompt refine(MapRecorder original, TokenAlignment alignment) {
    return new PromptToPrompt(
        original, alignment, asFloats(alignment.same()), ones(alignment), Integer.MAX_VALUE);
  }

  /**
   * Re-weighting: the same, with some tokens' maps made stronger or weaker.
   *
   * @param factors by position in the edited prompt; 1 changes nothing, 0 hides a word
   */
  public PromptToPrompt reweighted(Map<Integer, Double> factors) {
    float[] scaled = weights.clone();
    ImmutableMap.copyOf(factors)
        .forEach(
            (token, factor) -> {
              checkArgument(
                  token >= 0 && token < scaled.length,
                  "the prompt has %s tokens, not %s",
                  scaled.length,
                  token);
              checkArgument(Double.isFinite(factor), "the weight of a token is %s", factor);
              scaled[token] *= factor.floatValue();
            });
    return new PromptToPrompt(original, alignment, taken, scaled, finestSelf);
  }

  /**
   * The same, with self-attention maps replaced as well, which keeps the layout.
   *
   * @param smallestDownscale of the finest sites where they are
   */
  public PromptToPrompt withSelfAttention(int smallestDownscale) {
    return new PromptToPrompt(original, alignment, taken, weights, smallestDownscale);
  }

  @Override
  public boolean wants(AttentionSite site) {
    return site.isCross() || site.downscale() >= finestSelf;
  }

  @Override
  public Tensor attend(AttentionSite site, Tensor probs) {
    checkArgument(probs.dim(0) == 1, "one row at a time, got %s", probs.shape());
    Tensor reference = original.map(site);
    if (!site.isCross()) {
      return reference;
    }
    int tokens = alignment.length();
    checkArgument(
        probs.dim(3) == tokens, "prompts of %s tokens, aligned were %s", probs.dim(3), tokens);
    Tensor counterpart =
        reference
            .reshape(probs.dim(1) * probs.dim(2), tokens)
            .matmul(alignment.matrix(probs.backend()))
            .reshape(probs.shape().toArray());
    Tensor from = row(probs, taken);
    Tensor mixed = counterpart.mul(from).add(probs.mul(from.mul(-1f).add(1f)));
    return mixed.mul(row(probs, weights));
  }

  private static Tensor row(Tensor like, float[] values) {
    return Tensor.of(like.backend(), values.clone(), 1, 1, 1, values.length);
  }

  private static float[] asFloats(boolean[] flags) {
    float[] values = new float[flags.length];
    for (int i = 0; i < flags.length; i++) {
      values[i] = flags[i] ? 1 : 0;
    }
    return values;
  }

  private static float[] ones(TokenAlignment alignment) {
    float[] values = new float[alignment.length()];
    Arrays.fill(values, 1);
    return values;
  }
}
