package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * The exponential moving average of parameters, which makes better pictures than the parameters
 * themselves (Karras et al., 2018). It starts as a copy of them and is itself a set of {@link
 * Parameters}, to be saved and loaded as such.
 */
public final class MovingAverage implements AutoCloseable {
  private final Parameters source;
  private final Parameters average;

  public MovingAverage(Parameters source) {
    this.source = source;
    this.average = source.copy();
  }

  /** The averages, under the names of the source. */
  public Parameters parameters() {
    return average;
  }

  /**
   * Keeps the share {@code decay} of the average and takes the rest from the source.
   *
   * @throws IllegalArgumentException if {@code decay} is not in [0, 1]
   */
  public void update(double decay) {
    checkArgument(decay >= 0 && decay <= 1, "decay is in [0, 1], got %s", decay);
    Tensor[] from = source.tensors();
    Tensor[] to = average.tensors();
    for (int i = 0; i < from.length; i++) {
      to[i]
          .backend()
          .axpby(
              to[i].size(), (float) (1 - decay), from[i].storage(), (float) decay, to[i].storage());
      to[i].storage().markChanged();
    }
  }

  /**
   * The decay of StyleGAN2 (Karras et al., 2020; {@code training_loop.py} of its PyTorch edition):
   * the average forgets half of itself within so many pictures, and within fewer at the beginning.
   *
   * @param batch pictures of this step
   * @param seen pictures of all steps before
   * @param halfLife pictures within which half is forgotten, such as 10,000
   * @param rampUp the half-life is at most this share of {@code seen}, such as 0.05
   */
  public static double decay(int batch, long seen, double halfLife, double rampUp) {
    return Math.pow(0.5, batch / Math.max(Math.min(halfLife, seen * rampUp), 1e-8));
  }

  /** Gives the memory of the average back. */
  @Override
  public void close() {
    average.close();
  }
}
