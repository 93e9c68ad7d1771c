package io.github.pix2pixzero.unet;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;

/**
 * Whoever wants to watch attention, replace it, or add to a loss on it. Passed to {@link
 * UNet2DConditionModel#forward}; the network asks it at every {@link AttentionSite}.
 *
 * <p>What a control is shown belongs to a scope that closes when the block around the site is done;
 * what is to live longer must be {@linkplain io.github.pix2pixzero.tensor.Scope#adopt adopted}.
 */
public interface AttentionControl {

  /** Asks nothing: every site runs the fused kernel, and no probability is ever stored. */
  AttentionControl NONE =
      new AttentionControl() {
        @Override
        public boolean wants(AttentionSite site) {
          return false;
        }

        @Override
        public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
          return probs;
        }
      };

  /**
   * Whether this control wants the probabilities of a site. If not, they are never computed as
   * such.
   */
  boolean wants(AttentionSite site);

  /**
   * Sees the probabilities of a site and says which the network goes on with.
   *
   * @param probs [batch, heads, pixels, tokens], pixels row by row; differentiable if the latent is
   * @param rows whose prompt each row of the batch has, as {@link TextContext#rows}
   * @return {@code probs}, or others of the same shape
   */
  Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows);

  /** Whether this control wants what a site attends to, before the probabilities are computed. */
  default boolean wantsKeysAndValues(AttentionSite site) {
    return false;
  }

  /**
   * Sees what a site attends to and says what the network goes on with. In self-attention that is
   * the picture itself; a control that gives one picture the keys and values of another has it take
   * over how things look there (Cao et al., "MasaCtrl", 2023).
   *
   * @param own differentiable if the latent is, in cross-attention if the embeddings are
   * @param rows whose prompt each row of the batch has, as {@link TextContext#rows}
   * @return {@code own}, or others of the same batch and width; the number of tokens may differ
   */
  default KeysAndValues attendTo(
      AttentionSite site, KeysAndValues own, ImmutableList<PromptRow> rows) {
    return own;
  }

  /** This control, and then another one, which sees what this has made of a site. */
  default AttentionControl andThen(AttentionControl next) {
    return new AttentionChain(this, next);
  }
}
