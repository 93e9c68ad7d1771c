package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How much each loss counts.
 *
 * @param l1 absolute difference from the target
 * @param mask cross-entropy of the mask. Without it students learn to copy their source, which is
 *     right in most pixels
 * @param gan what the discriminator says, once it takes part
 * @param r1Gamma penalty on the discriminator's slope
 * @param r1Interval steps from one penalty to the next; it counts as many times as much for it
 */
public record LossWeights(double l1, double mask, double gan, double r1Gamma, int r1Interval) {
  /** Checks the ranges. */
  public LossWeights {
    checkArgument(
        l1 >= 0 && mask >= 0 && gan >= 0 && r1Gamma >= 0,
        "weights of losses are at least 0, got l1 %s, mask %s, gan %s, r1 %s",
        l1,
        mask,
        gan,
        r1Gamma);
    checkArgument(r1Interval > 0, "the penalty comes every 1 step or more, got %s", r1Interval);
  }

  /**
   * For pictures of a size: the penalty is StyleGAN2-ADA's rule times ten, since the pairs are few.
   */
  public static LossWeights defaults(int resolution, int batch) {
    double gamma = Math.min(10, 0.002 * resolution * resolution / batch);
    return new LossWeights(1, 0.3, resolution < 256 ? 0.05 : 0.1, gamma, 16);
  }

  /** What lazy penalties do to an optimiser: {@code r1Interval / (r1Interval + 1)}. */
  double lazyRatio() {
    return r1Interval / (r1Interval + 1.0);
  }
}
