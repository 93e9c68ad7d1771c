package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.optim.LearningRate;

/**
 * How a student is trained.
 *
 * @param steps of the whole training
 * @param batch pairs a step
 * @param parts of a batch, which are in memory one at a time. Steps are those of the whole batch up
 *     to rounding, if a part holds whole groups; else the discriminator compares the pictures of a
 *     part alone
 * @param remembering what is kept for the backward pass
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
    int parts,
    Remembering remembering,
    double learningRate,
    LossWeights losses,
    long adversarialFrom,
    int discriminatorWidth,
    int groupSize,
    double averageDecay,
    Augmentation augmentation,
    long seed) {
  private static final long WARM_UP = 50;

  /** The shares of the steps before which the rate is constant, and of the rate at the end. */
  private static final double CONSTANT = 0.3;

  private static final double LAST = 0.05;

  /** Checks the ranges. */
  public TrainingOptions {
    checkArgument(steps > 0, "a training takes at least one step, got %s", steps);
    checkArgument(batch > 0, "a step takes at least one pair, got %s", batch);
    checkArgument(
        parts > 0 && batch % parts == 0,
        "a batch of %s does not fall into %s parts of a size",
        batch,
        parts);
    checkArgument(
        learningRate > 0 && learningRate <= 1,
        "the learning rate is above 0 and at most 1, got %s",
        learningRate);
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

  /**
   * What does well: at 64 × 64 mirrored pairs, from 256 × 256 on more light and colours too. No
   * discriminator.
   */
  public static Builder builder(StudentConfig student) {
    return new Builder(student.resolution());
  }

  /** A builder that starts from these options. */
  public Builder toBuilder() {
    Builder builder = new Builder(0);
    builder.steps = steps;
    builder.batch = batch;
    builder.parts = parts;
    builder.remembering = remembering;
    builder.learningRate = learningRate;
    builder.losses = losses;
    builder.adversarialFrom = adversarialFrom;
    builder.discriminatorWidth = discriminatorWidth;
    builder.groupSize = groupSize;
    builder.averageDecay = averageDecay;
    builder.augmentation = augmentation;
    builder.seed = seed;
    return builder;
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

  /** Collects options. */
  public static final class Builder {
    private final int resolution;
    private long steps = 20_000;
    private int batch = 8;
    private int parts = 1;
    private Remembering remembering = Remembering.ALL;
    private double learningRate = 0.002;
    private LossWeights losses;
    private long adversarialFrom = Long.MAX_VALUE;
    private int discriminatorWidth;
    private int groupSize = 4;
    private double averageDecay;
    private Augmentation augmentation;
    private long seed;

    private Builder(int resolution) {
      this.resolution = resolution;
      boolean large = resolution >= StudentConfig.LARGE;
      discriminatorWidth = large ? 64 : 8;
      averageDecay = large ? 0.999 : 0.995;
      augmentation = large ? new Augmentation(true, 0.2, 0.2, 0.02) : Augmentation.mirrored();
    }

    public Builder steps(long count) {
      steps = count;
      return this;
    }

    public Builder batch(int pairs) {
      batch = pairs;
      return this;
    }

    public Builder parts(int count) {
      parts = count;
      return this;
    }

    public Builder remembering(Remembering kept) {
      remembering = kept;
      return this;
    }

    public Builder learningRate(double highest) {
      learningRate = highest;
      return this;
    }

    /** By default {@link LossWeights#defaults}. */
    public Builder losses(LossWeights weights) {
      losses = weights;
      return this;
    }

    /** By default never; a step that is never reached means the same. */
    public Builder adversarialFrom(long step) {
      adversarialFrom = step;
      return this;
    }

    public Builder discriminatorWidth(int channels) {
      discriminatorWidth = channels;
      return this;
    }

    public Builder groupSize(int pictures) {
      groupSize = pictures;
      return this;
    }

    public Builder averageDecay(double kept) {
      averageDecay = kept;
      return this;
    }

    public Builder augmentation(Augmentation changes) {
      augmentation = changes;
      return this;
    }

    public Builder seed(long number) {
      seed = number;
      return this;
    }

    /**
     * @throws IllegalArgumentException naming the option that makes no sense
     */
    public TrainingOptions build() {
      return new TrainingOptions(
          steps,
          batch,
          parts,
          remembering,
          learningRate,
          losses == null ? LossWeights.defaults(resolution, Math.max(1, batch)) : losses,
          Math.min(adversarialFrom, steps),
          discriminatorWidth,
          groupSize,
          averageDecay,
          augmentation,
          seed);
    }
  }
}
