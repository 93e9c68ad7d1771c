package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;

/**
 * What multistep solvers share: noise levels as half of the logarithm of signal to noise λ, in
 * which their steps are measured, and the pictures that were predicted before.
 */
abstract class MultistepSteps implements SolverSteps {
  /** Stands for ᾱ = 0 of schedules that end in noise alone, as in diffusers. */
  private static final double LEAST_SIGNAL = Math.pow(2, -24);

  /** Runs of fewer steps than this end with one of first order, as in diffusers. */
  private static final int MANY = 15;

  private final PredictionType type;
  private final int[] timesteps;
  private final double[] alphas;
  private int taken;
  private Tensor previous;

  MultistepSteps(NoiseSchedule schedule, int steps) {
    type = schedule.predictionType();
    timesteps = new DdimScheduler(schedule, steps).timesteps();
    alphas = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      alphas[i] = Math.max(LEAST_SIGNAL, schedule.alphaCumprod(timesteps[i]));
    }
    alphas[steps] = schedule.alphaCumprod(-1);
  }

  @Override
  public final int[] timesteps() {
    return timesteps.clone();
  }

  @Override
  public final Tensor step(Tensor output, Tensor sample) {
    Tensor picture = picture(output, sample);
    Tensor next = step(taken, picture, previous, sample);
    if (previous != null) {
      Scope.release(previous);
    }
    previous = Scope.outlive(picture);
    taken++;
    return next;
  }

  /**
   * @param number of the step, from 0
   * @param picture that is predicted from {@code sample}
   * @param before that the step before has predicted; null for the first
   */
  abstract Tensor step(int number, Tensor picture, Tensor before, Tensor sample);

  /** The clean sample that a prediction stands for. */
  private Tensor picture(Tensor output, Tensor sample) {
    double signal = signal(taken);
    double noise = noise(taken);
    return switch (type) {
      case EPSILON -> sum(1 / signal, sample, -noise / signal, output);
      case V_PREDICTION -> sum(signal, sample, -noise, output);
      case SAMPLE -> output.mul(1f); // a copy, since it is kept
    };
  }

  /** √ᾱ where a step starts. */
  final double signal(int step) {
    return Math.sqrt(alphas[step]);
  }

  /** √(1 - ᾱ) where a step starts. */
  final double noise(int step) {
    return Math.sqrt(1 - alphas[step]);
  }

  /** λ where a step starts; infinite where there is no noise. */
  final double lambda(int step) {
    return Math.log(signal(step)) - Math.log(noise(step));
  }

  /** How far a step goes. */
  final double width(int step) {
    return lambda(step + 1) - lambda(step);
  }

  final int steps() {
    return timesteps.length;
  }

  /** Whether a step should be of first order because it is the last. */
  final boolean endsPlainly(int step) {
    return step == steps() - 1 && (steps() < MANY || noise(steps()) == 0);
  }

  /** The step from {@code sample} of first order, exact if all of the way leads to the picture. */
  final Tensor firstOrder(int step, Tensor picture, Tensor sample) {
    return sum(
        noise(step + 1) / noise(step),
        sample,
        -signal(step + 1) * Math.expm1(-width(step)),
        picture);
  }

  /** The same of second order: along the line through the last two pictures. */
  final Tensor secondOrder(int step, Tensor picture, Tensor before, Tensor sample) {
    double ahead = 0.5 * width(step) / width(step - 1);
    return firstOrder(step, sum(1 + ahead, picture, -ahead, before), sample);
  }

  private static Tensor sum(double weightA, Tensor a, double weightB, Tensor b) {
    return a.mul((float) weightA).add(b.mul((float) weightB));
  }

  @Override
  public void close() {
    if (previous != null) {
      Scope.release(previous);
      previous = null;
    }
  }
}
