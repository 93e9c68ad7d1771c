package io.github.pix2pixzero.guidance;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.SquaredDistance;
import io.github.pix2pixzero.unet.AttentionSite;

/**
 * The squared distance of the cross-attention maps (Parmar et al., 2023, eq. 5): summed over pixels
 * and tokens, averaged over batch and heads, as in the published code.
 */
public final class CrossAttentionLoss implements GuidanceLoss {
  @Override
  public boolean wants(AttentionSite site) {
    return site.isCross();
  }

  @Override
  public Tensor term(AttentionSite site, Tensor edited, Tensor reference) {
    return SquaredDistance.of(edited, reference, 1f / (edited.dim(0) * edited.dim(1)));
  }

  @Override
  public boolean isRepeatable() {
    return true;
  }
}
