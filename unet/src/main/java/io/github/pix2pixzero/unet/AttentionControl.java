package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * Whoever wants to watch attention, replace it, or add to a loss on it. Passed to {@link
 * UNet2DConditionModel#forward}; the network asks it at every {@link AttentionSite}.
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
        public Tensor attend(AttentionSite site, Tensor probs) {
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
   * <p>They belong to a scope that closes when the block around the site is done; what is to live
   * longer must be {@linkplain io.github.pix2pixzero.tensor.Scope#adopt adopted}.
   *
   * @param probs [batch, heads, pixels, tokens], pixels row by row; differentiable if the latent is
   * @return {@code probs}, or others of the same shape
   */
  Tensor attend(AttentionSite site, Tensor probs);
}
