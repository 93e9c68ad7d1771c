package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/** What students and discriminators are trained by. All are means over the batch, scalars. */
final class Losses {
  /** How much more a pixel counts where the pair differs. */
  private static final float INSIDE = 4;

  private Losses() {}

  /** Mean absolute difference. */
  static Tensor l1(Tensor picture, Tensor target) {
    return picture.sub(target).abs().mean();
  }

  /**
   * Mean absolute difference, in which a pixel inside of the mask M counts 1 + 4M times.
   *
   * @param mask [batch, height, width, 1] in [0, 1]
   * @param meanCount how often pixels count in the mean, {@link #meanCount} of the mask or of one
   *     that this is a part of
   */
  static Tensor l1(Tensor picture, Tensor target, Tensor mask, Tensor meanCount) {
    return picture.sub(target).abs().mul(counts(mask)).mean().div(meanCount);
  }

  /** How often pixels count in the mean where the edit is in a mask. */
  static Tensor meanCount(Tensor mask) {
    return counts(mask).mean();
  }

  private static Tensor counts(Tensor mask) {
    return mask.mul(INSIDE).add(1f);
  }

  /** Binary cross-entropy of a mask and its logits m: mean of softplus(m) - M · m. */
  static Tensor mask(Tensor logits, Tensor mask) {
    return logits.softplus().sub(mask.mul(logits)).mean();
  }

  /** Non-saturating loss of a generator (Goodfellow et al., 2014). */
  static Tensor generator(Tensor fakeScores) {
    return fakeScores.neg().softplus().mean();
  }

  /** Logistic loss of a discriminator. */
  static Tensor discriminator(Tensor fakeScores, Tensor realScores) {
    return fakeScores.softplus().mean().add(realScores.neg().softplus().mean());
  }

  /**
   * The squared norm of the scores' gradient by picture and source, of each picture [batch]
   * (Mescheder et al., 2018).
   */
  static Tensor r1(Discriminator discriminator, Tensor target, Tensor source) {
    Tensor picture = target.detached().variable();
    Tensor condition = source.detached().variable();
    Tensor scores = discriminator.scores(picture, condition);
    Tensor[] slopes = Autograd.differentiableGrad(scores.sum(), picture, condition);
    return squares(slopes[0]).add(squares(slopes[1]));
  }

  private static Tensor squares(Tensor slope) {
    return slope.square().reshape(slope.dim(0), -1).sum(1).reshape(slope.dim(0));
  }

  /**
   * How far a picture moves with its styles, for each picture [batch]: the root of the mean over
   * layers of the squared gradient of Σ picture · noise (Karras et al., 2020, equation 4).
   *
   * @param styles one a layer, [batch, width] each; tensors of their own, also where they are equal
   * @param picture what is drawn with them
   * @param noise of the picture's shape, of deviation 1 / √(height · width)
   */
  static Tensor pathLengths(List<Tensor> styles, Tensor picture, Tensor noise) {
    Tensor[] slopes =
        Autograd.differentiableGrad(picture.mul(noise).sum(), styles.toArray(new Tensor[0]));
    Tensor sum = null;
    for (Tensor slope : slopes) {
      Tensor squares = slope.square().sum(1);
      sum = sum == null ? squares : sum.add(squares);
    }
    return sum.mul(1f / slopes.length).sqrt().reshape(picture.dim(0));
  }
}
