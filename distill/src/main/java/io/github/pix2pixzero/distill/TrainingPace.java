package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * How long steps of a training take here. A training is a number of steps and not a time, so that
 * it can be repeated; this finds the number.
 */
public final class TrainingPace {
  /** How long it is tried: enough that the code is compiled, but no large part of the training. */
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private static final int PARTS = 10;

  private static final int STEPS = 12;

  private TrainingPace() {}

  /**
   * The steps that fit into a time, found by taking some with and without a discriminator.
   *
   * @param options of the training, but for its steps
   * @param features if they take part
   * @param adversarialShare share of the steps that have a discriminator, 0 to 1
   * @return at least 1
   */
  public static long steps(
      Backend backend,
      StudentConfig config,
      PairSource pairs,
      TrainingOptions options,
      Optional<TeacherFeatures> features,
      double adversarialShare,
      Duration time)
      throws IOException {
    checkArgument(
        adversarialShare >= 0 && adversarialShare <= 1,
        "a share is from 0 to 1, got %s",
        adversarialShare);
    checkArgument(!time.isNegative() && !time.isZero(), "a training takes time, got %s", time);
    TrainingOptions.Builder many = options.toBuilder().steps(Integer.MAX_VALUE);
    Duration part = time.dividedBy(PARTS);
    long trial = (part.compareTo(LONGEST) < 0 ? part : LONGEST).toNanos();
    double step = 0;
    if (adversarialShare < 1) {
      TrainingOptions alone = many.adversarialFrom(Integer.MAX_VALUE).build();
      step +=
          (1 - adversarialShare)
              * nanos(new Trainer(backend, config, pairs, alone, features), trial);
    }
    if (adversarialShare > 0) {
      TrainingOptions against = many.adversarialFrom(0).build();
      step +=
          adversarialShare * nanos(new Trainer(backend, config, pairs, against, features), trial);
    }
    return Math.max(1, Math.round(time.toNanos() / step));
  }

  /** Of a step, the mean of the later half of those that are tried. */
  private static double nanos(Trainer tried, long trial) throws IOException {
    long start = System.nanoTime();
    long[] half = new long[2]; // when, and at which step
    try (Trainer trainer = tried) {
      trainer.run(
          progress -> {
            long elapsed = System.nanoTime() - start;
            if (half[1] == 0 && elapsed > trial / 2) {
              half[0] = elapsed;
              half[1] = progress.step();
            }
            return half[1] == 0 || elapsed < trial || progress.step() < half[1] + STEPS;
          });
      return (System.nanoTime() - start - half[0]) / (double) (trainer.step() - half[1]);
    }
  }
}
