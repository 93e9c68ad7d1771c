package io.github.pix2pixzero.tensor.random;

/**
 * A source of random numbers. Everything it draws follows from its seed and the calls made before;
 * there is no global generator. Not thread safe: give every consumer its own.
 */
public interface Generator {
  /**
   * Draws from the normal distribution of mean 0 and variance 1.
   *
   * @throws IndexOutOfBoundsException if the range is not within {@code out}
   */
  void fillNormal(float[] out, int offset, int length);

  /**
   * Draws uniformly from [0, 1): multiples of 2<sup>-24</sup>.
   *
   * @throws IndexOutOfBoundsException if the range is not within {@code out}
   */
  void fillUniform(float[] out, int offset, int length);

  /**
   * Draws an integer uniformly from [0, bound).
   *
   * @throws IllegalArgumentException if {@code bound} is not positive
   */
  int nextInt(int bound);

  /** The seed this generator was made with. */
  long seed();

  /** Draws {@code n} numbers as {@link #fillNormal} does. */
  default float[] normal(int n) {
    float[] result = new float[n];
    fillNormal(result, 0, n);
    return result;
  }
}
