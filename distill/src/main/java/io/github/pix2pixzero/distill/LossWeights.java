package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How much each loss counts.
 *
 * @param l1 absolute difference from the target
 * @param mask cross-entropy of the mask. Without it students learn to copy their source, which is
 *     right in most pixels
 * @param features difference of the {@link TeacherFeatures}, where there are some
 * @param gan what the discriminator says, once it takes part
 * @param r1Gamma penalty on the discriminator's slope
 * @param r1Interval steps from one penalty to the next; it counts as many times as much for it
 */
public record LossWeights(
    double l1, double mask, double features, double gan, double r1Gamma, int r1Interval) {
  /** What differences of features count from 256 × 256 on, where differences of pixels blur. */
  public static final double USUAL_FEATURES = 0.5;

  /** Checks the ranges. */
  public LossWeights {
    checkArgument(
        l1 >= 0 && mask >= 0 && features >= 0 && gan >= 0 && r1Gamma >= 0,
        "weights of losses are at least 0, got l1 %s, mask %s, features %s, gan %s, r1 %s",
        l1,
        mask,
        features,
        gan,
        r1Gamma);
    checkArgument(r1Interval > 0, "the penalty comes every 1 step or more, got %s", r1Interval);
  }

  /**
   * For pictures of a size: the penalty is StyleGAN2-ADA's rule times ten, since the pairs are few.
   * Features do not count.
   */
  public static LossWeights defaults(int resolution, int batch) {
    double gamma = Math.min(10, 0.002 * resolution * resolution / batch);
    double gan = resolution < StudentConfig.LARGE ? 0.05 : 0.1;
    return new LossWeights(1, 0.3, 0, gan, gamma, 16);
  }

  /** The same where features count so much. */
  public LossWeights withFeatures(double weight) {
    return new LossWeights(l1, mask, weight, gan, r1Gamma, r1Interval);
  }

  /** What lazy penalties do to an optimiser: {@code r1Interval / (r1Interval + 1)}. */
  double lazyRatio() {
    return r1Interval / (r1Interval + 1.0);
  }
}
