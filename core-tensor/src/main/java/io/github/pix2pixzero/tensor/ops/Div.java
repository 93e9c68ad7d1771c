package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Binary;
import java.util.List;

/** {@code a / b} elementwise with broadcasting: ∂a = g / b, ∂b = -g · a / b². */
public final class Div extends Op {
  private final Tensor a;
  private final Tensor b;

  private Div(Tensor a, Tensor b) {
    this.a = a;
    this.b = b;
  }

  public static Tensor of(Tensor a, Tensor b) {
    Tensor out = Broadcasting.compute(Binary.DIV, a, b);
    return Autograd.record(out, new Div(a, b), List.of(a, b), a, b);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    Tensor gradA = gradOut.div(b);
    return new Tensor[] {gradA, needs(1) ? gradA.mul(a).div(b).mul(-1f) : null};
  }
}
