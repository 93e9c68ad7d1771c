package io.github.pix2pixzero.guidance;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * How far guidance may move a latent in one step. Where the edit gives a thing another shape, its
 * maps differ from the picture's most of all and the gradient is many times that of other places:
 * unbounded it takes the new shape, such as a rabbit's ears, away again.
 */
final class Moves {
  /** Of the latent, both as root mean squares. */
  private static final double LARGEST = 0.1;

  /** Of one place, of the root mean square of all. */
  private static final double LARGEST_OF_A_PLACE = 1.2;

  private Moves() {}

  /**
   * A move in the same direction at each place, nowhere farther than it may go.
   *
   * @param move [1, channels, height, width]
   * @param latent of the same shape, that is to be moved
   */
  static Tensor limited(Tensor move, Tensor latent) {
    Tensor even = even(move);
    double share = rootMeanSquare(even) / rootMeanSquare(latent);
    return share > LARGEST ? even.mul((float) (LARGEST / share)) : even;
  }

  private static Tensor even(Tensor move) {
    float largest = (float) (LARGEST_OF_A_PLACE * rootMeanSquare(move) * Math.sqrt(move.dim(1)));
    if (largest < Float.MIN_NORMAL
        || !Float.isFinite(largest)) { // who reads the latent tells of the latter
      return move;
    }
    Tensor lengths = move.mul(1 / largest).square().sum(1).sqrt();
    Tensor excess =
        lengths.clamp(1, Float.POSITIVE_INFINITY).reshape(1, 1, move.dim(2), move.dim(3));
    return move.div(excess);
  }

  private static double rootMeanSquare(Tensor tensor) {
    double sum = 0;
    for (float value : tensor.toFloats()) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum / tensor.size());
  }
}
