package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.distill.Student.Answer;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.optim.Gradients;
import io.github.pix2pixzero.tensor.optim.Optimizer;
import io.github.pix2pixzero.tensor.optim.Parameters;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Single steps of a student and of its discriminator. A step whose loss or gradient is not finite
 * changes nothing. The batch of a step may come in parts, which are in memory one at a time: the
 * gradient is that of the whole up to rounding.
 */
final class TrainingSteps {
  private final LossWeights weights;
  private final TeacherFeatures features;

  /**
   * @param features null where they take no part
   */
  TrainingSteps(LossWeights weights, TeacherFeatures features) {
    this.weights = weights;
    this.features = features;
  }

  /** A network and what trains it. */
  record Trained(Parameters parameters, Optimizer optimizer) {}

  /** Pictures [batch, height, width, 3], mask [batch, height, width, 1] or null. */
  record Batch(Tensor source, Tensor target, Tensor mask) {}

  /**
   * A part of a step's batch; all are of a size.
   *
   * @param answer the student's, made anew at each call
   */
  record Part(Batch batch, Supplier<Answer> answer) {}

  /**
   * What a step of the student came to.
   *
   * @param total the weighted sum
   * @param l1 absolute difference
   * @param mask cross-entropy of the mask; 0 without one
   * @param features difference of the teacher's features; 0 without them
   * @param gan non-saturating loss; 0 without a discriminator
   * @param taken whether the student was changed
   */
  record StudentLosses(
      double total, double l1, double mask, double features, double gan, boolean taken) {
    private static final StudentLosses NONE = new StudentLosses(0, 0, 0, 0, 0, false);

    private StudentLosses plus(StudentLosses other) {
      return new StudentLosses(
          total + other.total,
          l1 + other.l1,
          mask + other.mask,
          features + other.features,
          gan + other.gan,
          taken);
    }

    private StudentLosses over(int parts, boolean changed) {
      return new StudentLosses(
          total / parts, l1 / parts, mask / parts, features / parts, gan / parts, changed);
    }
  }

  /** What a step of the discriminator came to, and whether it was changed. */
  record Loss(double value, boolean taken) {}

  /** The gradients of a step, summed over its parts. */
  private static final class Descent {
    private final Trained trained;
    private final int parts;
    private Tensor[] gradients;
    private double loss;

    Descent(Trained trained, int parts) {
      this.trained = trained;
      this.parts = parts;
    }

    /**
     * Adds the loss of a part.
     *
     * @param scope in which the part was made, and which ends with it
     */
    void add(Tensor part, Scope scope) {
      Tensor share = parts == 1 ? part : part.mul(1f / parts);
      Tensor[] more = Autograd.gradOrZeros(share, trained.parameters().tensors());
      for (int i = 0; i < more.length; i++) {
        if (gradients != null) {
          more[i] = Scope.through(gradients[i], more[i]::add);
        }
        scope.keep(more[i]);
      }
      gradients = more;
      loss += part.item();
    }

    /** Steps down; says whether it could. */
    boolean step() {
      if (!Double.isFinite(loss) || !Double.isFinite(Gradients.norm(gradients))) {
        return false;
      }
      trained.optimizer().step(gradients);
      return true;
    }
  }

  /**
   * One step of the student.
   *
   * @param discriminator null where it takes no part
   */
  StudentLosses student(Trained student, List<Part> parts, Discriminator discriminator) {
    try (Scope step = Scope.open()) {
      Tensor meanCount = meanCount(parts);
      Descent descent = new Descent(student, parts.size());
      StudentLosses sum = StudentLosses.NONE;
      for (Part part : parts) {
        try (Scope scope = Scope.open()) {
          Sum weighted = new Sum();
          sum = sum.plus(losses(part, meanCount, discriminator, weighted));
          descent.add(weighted.total, scope);
        }
      }
      return sum.over(parts.size(), descent.step());
    }
  }

  /** How often pixels of the whole batch count in the mean; null without masks. */
  private static Tensor meanCount(List<Part> parts) {
    Tensor sum = null;
    for (Part part : parts) {
      if (part.batch().mask() == null) {
        return null;
      }
      Tensor count = Losses.meanCount(part.batch().mask());
      sum = sum == null ? count : sum.add(count);
    }
    return parts.size() == 1 ? sum : sum.mul(1f / parts.size());
  }

  /** A weighted sum of losses. */
  private static final class Sum {
    private Tensor total;

    /** Adds a loss and says what it is. */
    double add(Tensor loss, double weight) {
      Tensor weighted = loss.mul((float) weight);
      total = total == null ? weighted : total.add(weighted);
      return loss.item();
    }
  }

  private StudentLosses losses(
      Part part, Tensor meanCount, Discriminator discriminator, Sum weighted) {
    Batch batch = part.batch();
    Answer made = part.answer().get();
    Tensor l1 =
        batch.mask() == null
            ? Losses.l1(made.picture(), batch.target())
            : Losses.l1(made.picture(), batch.target(), batch.mask(), meanCount);
    double l1Loss = weighted.add(l1, weights.l1());
    double maskLoss = 0;
    double featureLoss = 0;
    double ganLoss = 0;
    if (batch.mask() != null && made.maskLogits() != null && weights.mask() > 0) {
      maskLoss = weighted.add(Losses.mask(made.maskLogits(), batch.mask()), weights.mask());
    }
    if (features != null && weights.features() > 0) {
      featureLoss =
          weighted.add(features.distance(made.picture(), batch.target()), weights.features());
    }
    if (discriminator != null) {
      Tensor scores = discriminator.scores(made.picture(), batch.source());
      ganLoss = weighted.add(Losses.generator(scores), weights.gan());
    }
    return new StudentLosses(weighted.total.item(), l1Loss, maskLoss, featureLoss, ganLoss, false);
  }

  /** One step of the discriminator on answers of the student and the targets. */
  Loss discriminator(Trained trained, List<Part> parts, Discriminator discriminator) {
    try (Scope step = Scope.open()) {
      return descend(
          trained,
          parts,
          part -> {
            Batch batch = part.batch();
            Tensor fake = Autograd.withoutRecording(() -> part.answer().get().picture());
            return Losses.discriminator(
                discriminator.scores(fake, batch.source()),
                discriminator.scores(batch.target(), batch.source()));
          });
    }
  }

  /** One step of the discriminator down its penalty. */
  Loss penalty(Trained trained, List<Part> parts, Discriminator discriminator) {
    float factor = (float) (weights.r1Gamma() / 2 * weights.r1Interval());
    try (Scope step = Scope.open()) {
      return descend(
          trained,
          parts,
          part ->
              Losses.r1(discriminator, part.batch().target(), part.batch().source())
                  .mean()
                  .mul(factor));
    }
  }

  private static Loss descend(Trained trained, List<Part> parts, Function<Part, Tensor> loss) {
    Descent descent = new Descent(trained, parts.size());
    for (Part part : parts) {
      try (Scope scope = Scope.open()) {
        descent.add(loss.apply(part), scope);
      }
    }
    return new Loss(descent.loss / parts.size(), descent.step());
  }
}
