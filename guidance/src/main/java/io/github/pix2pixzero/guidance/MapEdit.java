package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.PromptRow;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The edits of Prompt-to-Prompt (Hertz et al., 2022, section 3.2): instead of pulling the edited
 * maps towards those of the original prompt they are put in their place.
 *
 * <p>An edit does not depend on a step; {@link #control} applies it to the maps of one, and {@link
 * PromptToPromptSampler} to those of all.
 */
public final class MapEdit {
  private final TokenAlignment alignment;

  /** By edited token: 1 where the counterpart's map is taken, 0 where the token's own stays. */
  private final float[] taken;

  private final float[] weights;

  private MapEdit(TokenAlignment alignment, float[] taken, float[] weights) {
    this.alignment = alignment;
    this.taken = taken;
    this.weights = weights;
  }

  /** Word swap: every token with a counterpart looks where that one looked, swapped ones too. */
  public static MapEdit replace(TokenAlignment alignment) {
    return new MapEdit(alignment, asFloats(alignment.matched()), ones(alignment));
  }

  /** Refinement: the tokens that both prompts share look where they looked, new ones as they do. */
  public static MapEdit refine(TokenAlignment alignment) {
    return new MapEdit(alignment, asFloats(alignment.same()), ones(alignment));
  }

  /**
   * Re-weighting: the same edit, with some tokens' maps made stronger or weaker.
   *
   * @param factors by position in the edited prompt; 1 changes nothing, 0 hides a word
   */
  public MapEdit reweighted(Map<Integer, Double> factors) {
    float[] scaled = weights.clone();
    factors.forEach(
        (token, factor) -> {
          checkArgument(
              token >= 0 && token < scaled.length,
              "the prompt has tokens 0 to %s, not %s",
              scaled.length - 1,
              token);
          checkArgument(Double.isFinite(factor), "the weight of a token is %s", factor);
          scaled[token] *= factor.floatValue();
        });
    return new MapEdit(alignment, taken, scaled);
  }

  /**
   * The edit at one step, of all words or none; see {@link #control(MapRecorder, float[],
   * Predicate)}.
   *
   * @param cross whether the maps of cross-attention are edited
   */
  public AttentionControl control(
      MapRecorder original, boolean cross, Predicate<AttentionSite> self) {
    float[] shares = new float[taken.length];
    Arrays.fill(shares, cross ? 1 : 0);
    return control(original, shares, self);
  }

  /**
   * The edit at one step, for a pass with a row {@link PromptRow#EDITED}; other rows, those of
   * classifier-free guidance, are left alone.
   *
   * @param original maps of a pass at the same timestep with a row {@link PromptRow#CAPTION}, of
   *     all sites that are wanted
   * @param shares by edited token, how much of the edited map there is in its cross-attention: 1 to
   *     edit it, 0 to leave it
   * @param self which self-attention maps are replaced as a whole, which keeps the layout
   */
  public AttentionControl control(
      MapRecorder original, float[] shares, Predicate<AttentionSite> self) {
    checkArgument(
        shares.length == taken.length,
        "%s shares for prompts of %s tokens",
        shares.length,
        taken.length);
    boolean cross = isAny(shares);
    return new AttentionControl() {
      @Override
      public boolean wants(AttentionSite site) {
        return site.isCross() ? cross : self.test(site);
      }

      @Override
      public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
        Tensor reference = original.map(site, PromptRow.CAPTION);
        Tensor[] maps = new Tensor[rows.size()];
        for (int i = 0; i < maps.length; i++) {
          Tensor own = probs.slice(0, i, i + 1);
          boolean isEdited = rows.get(i) == PromptRow.EDITED;
          maps[i] = !isEdited ? own : site.isCross() ? edited(reference, own, shares) : reference;
        }
        return maps.length == 1 ? maps[0] : Tensor.concat(0, maps);
      }
    };
  }

  /** Whether any token's map is edited. */
  static boolean isAny(float[] shares) {
    for (float share : shares) {
      if (share != 0) {
        return true;
      }
    }
    return false;
  }

  private Tensor edited(Tensor reference, Tensor probs, float[] shares) {
    int tokens = alignment.length();
    checkArgument(
        probs.dim(3) == tokens,
        "the prompts that were aligned have %s tokens, the maps %s",
        tokens,
        probs.dim(3));
    Tensor counterpart =
        reference
            .reshape(probs.dim(1) * probs.dim(2), tokens)
            .matmul(alignment.matrix(probs.backend()))
            .reshape(probs.shape().toArray());
    // counterpart · taken + own · (1 - taken), times the factors where the share is 1, as
    // published.
    float[] ofCounterpart = new float[tokens];
    float[] ofOwn = new float[tokens];
    for (int i = 0; i < tokens; i++) {
      ofCounterpart[i] = taken[i] * weights[i] * shares[i];
      ofOwn[i] = (1 - taken[i]) * weights[i] * shares[i] + 1 - shares[i];
    }
    return counterpart.mul(row(probs, ofCounterpart)).add(probs.mul(row(probs, ofOwn)));
  }

  private static Tensor row(Tensor like, float[] values) {
    return Tensor.of(like.backend(), values, 1, 1, 1, values.length);
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
