package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/**
 * Marks gradients that a kernel computed in one go. Asking for their derivative throws, instead of
 * finding a graph that silently ends.
 */
final class FirstOrder extends Op {
  private FirstOrder() {}

  /**
   * @param read everything the kernel read
   * @param gradients what it computed; entries may be null
   * @return {@code gradients}
   */
  static Tensor[] all(List<Tensor> read, Tensor... gradients) {
    for (Tensor gradient : gradients) {
      if (gradient != null) {
        Autograd.record(gradient, new FirstOrder(), read);
      }
    }
    return gradients;
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    throw new UnsupportedOperationException(
        "this gradient was computed by a kernel that has no second derivative");
  }
}
