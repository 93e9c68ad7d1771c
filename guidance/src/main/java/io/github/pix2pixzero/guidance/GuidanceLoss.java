package io.github.pix2pixzero.guidance;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionSite;

/**
 * What the edited picture's attention should have in common with the reference's. Its gradient with
 * respect to the latent is what keeps the structure of a picture while its content changes.
 */
public interface GuidanceLoss {

  /** Whether the loss looks at a site. */
  boolean wants(AttentionSite site);

  /**
   * The share of one site in the loss; the sites' shares are added up.
   *
   * @param edited probabilities while editing, [batch, heads, pixels, tokens]
   * @param reference those of the reference at the same site and timestep, constant
   * @return a scalar, differentiable with respect to {@code edited}
   */
  Tensor term(AttentionSite site, Tensor edited, Tensor reference);

  /** What a picture's parameters call the loss; by default, its class. */
  default String name() {
    return getClass().getName().replaceFirst(".*\\.", "");
  }

  /**
   * Whether {@link #term} computes the same of its tensors at every step, on their device alone: a
   * GPU's launches may then be recorded at one step and replayed at the others.
   */
  default boolean isRepeatable() {
    return false;
  }
}
