package io.github.pix2pixzero.guidance;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.unet.AttentionSite;

/** The example of {@code docs/guidance-losses.md}. */
final class CoarseHellingerLoss implements GuidanceLoss {
  @Override
  public boolean wants(AttentionSite site) {
    return site.isCross() && site.downscale() >= 2;
  }

  @Override
  public Tensor term(AttentionSite site, Tensor edited, Tensor reference) {
    Tensor roots = edited.add(1e-6f).sqrt().sub(reference.add(1e-6f).sqrt());
    return roots.square().sum().mul(1f / (edited.dim(0) * edited.dim(1)));
  }
}
