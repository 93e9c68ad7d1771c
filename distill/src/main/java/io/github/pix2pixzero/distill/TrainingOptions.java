package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.optim.LearningRate;

/**
 * How a student is trained.
 *
 * @param steps of the whole training
 * @param batch pairs a step
 * @param learningRate at its highest
 * @param losses how much each counts
 * @param adversarialFrom the step from which on a discriminator takes part; {@code steps} for none.
 *     Late: before the shapes are found it costs twice the time and adds noise
 * @param discriminatorWidth channels of its finest size
 * @param groupSize pictures among which it sees how much they differ
 * @param averageDecay what the average of weights keeps at each step
 * @param augmentation changes of the pairs
 * @param seed of everything that is drawn
 */
public record TrainingOptions(
    long steps,
    int batch,
    double learningRate,
    LossWeights losses,
    long adversarialFrom,
    int discriminatorWidth,
    int groupSize,
    double averageDecay,
    Augmentation augmentation,
    long seed) {
  private static final int BATCH = 8;
  private static final long WARM_UP = 50;

  /** The shares of the steps before which the rate is constant, and of the rate at the end. */
  private static final double CONSTANT = 0.3;

  private static final double LAST = 0.05;

  /** Checks the ranges. */
  public TrainingOptions {
    checkArgument(steps > 0, "a training takes at least one step, got %s", steps);
    checkArgument(batch > 0, "a step takes at least one pair, got %s", batch);
    checkArgument(learningRate > 0, "the learning rate is above 0, got %s", learningRate);
    checkArgument(
        adversarialFrom >= 0 && adversarialFrom <= steps,
        "the discriminator starts at a step from 0 to %s, got %s",
        steps,
        adversarialFrom);
    checkArgument(
        discriminatorWidth > 0 && groupSize > 0,
        "a discriminator has width and groups above 0, got %s and %s",
        discriminatorWidth,
        groupSize);
    checkArgument(
        averageDecay >= 0 && averageDecay < 1, "the decay is in [0, 1), got %s", averageDecay);
  }

  /** What does well at 64 × 64, for any student: no discriminator. */
  public static TrainingOptions defaults(StudentConfig student, long steps) {
    return new TrainingOptions(
        steps,
        BATCH,
        0.002,
        LossWeights.defaults(student.resolution(), BATCH),
        steps,
        8,
        4,
        0.995,
        Augmentation.mirrored(),
        0);
  }

  /** The same with a discriminator from a step on. */
  public TrainingOptions withAdversarialFrom(long step) {
    return new TrainingOptions(
        steps,
        batch,
        learningRate,
        losses,
        step,
        discriminatorWidth,
        groupSize,
        averageDecay,
        augmentation,
        seed);
  }

  /** The same with other losses. */
  public TrainingOptions withLosses(LossWeights other) {
    return new TrainingOptions(
        steps,
        batch,
        learningRate,
        other,
        adversarialFrom,
        discriminatorWidth,
        groupSize,
        averageDecay,
        augmentation,
        seed);
  }

  /** The same with so many pairs a step. */
  public TrainingOptions withBatch(int pairs) {
    return new TrainingOptions(
        steps,
        pairs,
        learningRate,
        losses,
        adversarialFrom,
        discriminatorWidth,
        groupSize,
        averageDecay,
        augmentation,
        seed);
  }

  /** The same with other numbers drawn. */
  public TrainingOptions withSeed(long other) {
    return new TrainingOptions(
        steps,
        batch,
        learningRate,
        losses,
        adversarialFrom,
        discriminatorWidth,
        groupSize,
        averageDecay,
        augmentation,
        other);
  }

  /** Rising, then constant, then half a period of the cosine down. */
  LearningRate rate() {
    LearningRate rate =
        step -> {
          double part = (step / (double) steps - CONSTANT) / (1 - CONSTANT);
          double cosine = (1 + Math.cos(Math.PI * Math.max(0, Math.min(1, part)))) / 2;
          return learningRate * (LAST + (1 - LAST) * cosine);
        };
    return rate.warmUp(WARM_UP);
  }

  /** Of both networks beside a discriminator: half as much, and no less in the end. */
  LearningRate adversarialRate() {
    return LearningRate.constant(learningRate / 2).warmUp(WARM_UP);
  }
}
