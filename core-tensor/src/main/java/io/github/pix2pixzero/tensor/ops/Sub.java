package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Binary;
import java.util.List;

/** {@code a - b} with broadcasting. */
public final class Sub extends Op {
  private Sub() {}

  public static Tensor of(Tensor a, Tensor b) {
    return Autograd.record(Broadcasting.compute(Binary.SUB, a, b), new Sub(), List.of(a, b));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {gradOut, needs(1) ? gradOut.mul(-1f) : null};
  }
}
