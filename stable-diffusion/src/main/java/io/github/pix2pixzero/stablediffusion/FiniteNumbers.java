package io.github.pix2pixzero.stablediffusion;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * Finds numbers that are infinite or none where they arise. Further on they spread, and end as a
 * black picture or as noise.
 */
final class FiniteNumbers {
  private FiniteNumbers() {}

  /**
   * @param part what has made the numbers
   * @throws ArithmeticException naming the part if they are not all finite
   */
  static void require(Tensor made, String part) {
    for (float value : made.toFloats()) {
      if (!Float.isFinite(value)) {
        throw new ArithmeticException(part + " makes numbers that are not finite");
      }
    }
  }
}
