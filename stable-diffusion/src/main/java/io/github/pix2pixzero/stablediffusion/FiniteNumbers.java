package io.github.pix2pixzero.stablediffusion;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Finds numbers that are infinite or none where they arise. Further on they spread, and end as a
 * black picture or as noise.
 */
final class FiniteNumbers {
  private FiniteNumbers() {}

  /**
   * @throws IllegalArgumentException naming a weight whose numbers are not all finite
   */
  static void require(StoredTensor weight) {
    try {
      checkArgument(weight.isFinite(), "%s holds numbers that are not finite", weight);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

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
