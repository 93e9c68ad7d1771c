package io.github.pix2pixzero.inversion;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;

/**
 * UniPC of order 2 with B(h) = e^h - 1 (Zhao et al., 2023). Agrees with diffusers' {@code
 * UniPCMultistepScheduler} at these timesteps.
 */
final class UniPcSteps extends MultistepSteps {
  /** Where the last step started, after its own correction. */
  private Tensor start;

  /** The picture predicted before the last one. */
  private Tensor earlier;

  UniPcSteps(NoiseSchedule schedule, int steps) {
    super(schedule, steps);
  }

  @Override
  Tensor step(int number, Tensor picture, Tensor before, Tensor sample) {
    Tensor corrected = before == null ? sample : corrected(number - 1, picture, before);
    Tensor next =
        isSecondOrder(number)
            ? secondOrder(number, picture, before, corrected)
            : firstOrder(number, picture, corrected);
    close(start, earlier);
    start = Scope.outlive(corrected.mul(1f));
    earlier = before == null ? null : Scope.outlive(before.mul(1f));
    return next;
  }

  /** The order of a step: the first and the last have nothing to look back, or ahead, to. */
  private boolean isSecondOrder(int step) {
    return step > 0 && step < steps() - 1;
  }

  /**
   * Where a step that has been taken should have led to, now that the picture is predicted there.
   *
   * @param arrived the picture predicted where it led to
   * @param left that predicted where it started
   */
  private Tensor corrected(int step, Tensor arrived, Tensor left) {
    double h = width(step);
    double scale = -signal(step + 1) * Math.expm1(-h);
    Tensor plain = firstOrder(step, left, start);
    if (!isSecondOrder(step)) {
      return plain.add(arrived.sub(left).mul((float) (0.5 * scale)));
    }
    double r = -width(step - 1) / h;
    double phi1 = Math.expm1(-h);
    double phi2 = phi1 / -h - 1;
    double phi3 = phi2 / -h - 0.5;
    double first = phi2 / phi1;
    double second = 2 * phi3 / phi1;
    double weightBefore = (first - second) / (1 - r);
    double weightArrived = first - weightBefore;
    return plain
        .add(arrived.sub(left).mul((float) (scale * weightArrived)))
        .add(earlier.sub(left).mul((float) (scale * weightBefore / r)));
  }

  private static void close(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      if (tensor != null) {
        Scope.release(tensor);
      }
    }
  }

  @Override
  public void close() {
    super.close();
    close(start, earlier);
    start = null;
    earlier = null;
  }
}
