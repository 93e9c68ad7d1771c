package io.github.pix2pixzero.guidance;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.SquaredDistance;
import io.github.pix2pixzero.unet.AttentionSite;

/**
 * The squared distance of the self-attention maps, summed over both pixels of a pair, averaged over
 * batch and heads. They hold the layout of a picture whatever its words (Tumanyan et al.,
 * "Plug-and-Play", CVPR 2023).
 *
 * @param smallestDownscale the finest sites that are looked at, in latent pixels a token along each
 *     axis: at 1 a 64 × 64 latent has maps of 4096 × 4096
 */
public record SelfAttentionLoss(int smallestDownscale) implements GuidanceLoss {
  public SelfAttentionLoss {
    checkArgument(smallestDownscale >= 1, "a downscale is at least 1, not %s", smallestDownscale);
  }

  @Override
  public boolean wants(AttentionSite site) {
    return !site.isCross() && site.downscale() >= smallestDownscale;
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
