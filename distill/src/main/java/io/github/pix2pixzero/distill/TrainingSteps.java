package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.distill.Student.Answer;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.optim.Gradients;
import io.github.pix2pixzero.tensor.optim.Optimizer;
import io.github.pix2pixzero.tensor.optim.Parameters;
import java.util.function.Supplier;

/**
 * Single steps of a student and of its discriminator. A step whose loss or gradient is not finite
 * changes nothing.
 */
final class TrainingSteps {
  private final LossWeights weights;

  TrainingSteps(LossWeights weights) {
    this.weights = weights;
  }

  /** A network and what trains it. */
  record Trained(Parameters parameters, Optimizer optimizer) {
    /** Steps down the loss; says whether it could. */
    private boolean step(Tensor loss) {
      Tensor[] gradients = Autograd.gradOrZeros(loss, parameters.tensors());
      if (!Float.isFinite(loss.item()) || !Double.isFinite(Gradients.norm(gradients))) {
        return false;
      }
      optimizer.step(gradients);
      return true;
    }
  }

  /** A batch: pictures [batch, height, width, 3], mask [batch, height, width, 1] or null. */
  record Batch(Tensor source, Tensor target, Tensor mask) {}

  /**
   * What a step of the student came to.
   *
   * @param total the weighted sum
   * @param l1 absolute difference
   * @param mask cross-entropy of the mask; 0 without one
   * @param gan non-saturating loss; 0 without a discriminator
   * @param taken whether the student was changed
   */
  record StudentLosses(double total, double l1, double mask, double gan, boolean taken) {}

  /** What a step of the discriminator came to, and whether it was changed. */
  record Loss(double value, boolean taken) {}

  /**
   * One step of the student.
   *
   * @param discriminator null where it takes no part
   */
  StudentLosses student(
      Trained student, Supplier<Answer> answer, Batch batch, Discriminator discriminator) {
    try (Scope step = Scope.open()) {
      Answer made = answer.get();
      Tensor l1 =
          batch.mask() == null
              ? Losses.l1(made.picture(), batch.target())
              : Losses.l1(made.picture(), batch.target(), batch.mask());
      Tensor total = l1.mul((float) weights.l1());
      double maskLoss = 0;
      double ganLoss = 0;
      if (batch.mask() != null && made.maskLogits() != null && weights.mask() > 0) {
        Tensor mask = Losses.mask(made.maskLogits(), batch.mask());
        maskLoss = mask.item();
        total = total.add(mask.mul((float) weights.mask()));
      }
      if (discriminator != null) {
        Tensor gan = Losses.generator(discriminator.scores(made.picture(), batch.source()));
        ganLoss = gan.item();
        total = total.add(gan.mul((float) weights.gan()));
      }
      boolean taken = student.step(total);
      return new StudentLosses(total.item(), l1.item(), maskLoss, ganLoss, taken);
    }
  }

  /** One step of the discriminator on an answer of the student and the target. */
  Loss discriminator(
      Trained trained, Discriminator discriminator, Supplier<Answer> answer, Batch batch) {
    try (Scope step = Scope.open()) {
      Tensor fake = Autograd.withoutRecording(() -> answer.get().picture());
      Tensor loss =
          Losses.discriminator(
              discriminator.scores(fake, batch.source()),
              discriminator.scores(batch.target(), batch.source()));
      boolean taken = trained.step(loss);
      return new Loss(loss.item(), taken);
    }
  }

  /** One step of the discriminator down its penalty. */
  Loss penalty(Trained trained, Discriminator discriminator, Batch batch) {
    try (Scope step = Scope.open()) {
      double factor = weights.r1Gamma() / 2 * weights.r1Interval();
      Tensor loss =
          Losses.r1(discriminator, batch.target(), batch.source()).mean().mul((float) factor);
      boolean taken = trained.step(loss);
      return new Loss(loss.item(), taken);
    }
  }
}
