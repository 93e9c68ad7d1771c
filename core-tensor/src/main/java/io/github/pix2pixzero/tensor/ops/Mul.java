package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Binary;
import java.util.List;

/** {@code a · b} elementwise with broadcasting: ∂a = b · g, ∂b = a · g. */
public final class Mul extends Op {
  private final Tensor a;
  private final Tensor b;

  private Mul(Tensor a, Tensor b) {
    this.a = a;
    this.b = b;
  }

  public static Tensor of(Tensor a, Tensor b) {
    Tensor out = Broadcasting.compute(Binary.MUL, a, b);
    return Autograd.record(out, new Mul(a, b), List.of(a, b), a, b);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {needs(0) ? gradOut.mul(b) : null, needs(1) ? gradOut.mul(a) : null};
  }
}
