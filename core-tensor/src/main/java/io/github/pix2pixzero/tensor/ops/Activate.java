package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Unary;
import java.util.List;

/** An elementwise function f of one argument: ∂x = f′(x) · g. */
public final class Activate extends Op {
  private final Unary f;
  private final Tensor x;

  private Activate(Unary f, Tensor x) {
    this.f = f;
    this.x = x;
  }

  public static Tensor of(Unary f, Tensor x) {
    Tensor out = Tensor.empty(x.backend(), x.shape());
    x.backend().unary(f, x.size(), x.storage(), out.storage());
    return Autograd.record(out, new Activate(f, x), List.of(x), x);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    Tensor gradX = Tensor.empty(x.backend(), x.shape());
    x.backend().unaryBackward(f, x.size(), x.storage(), gradOut.storage(), gradX.storage());
    return FirstOrder.all(List.of(x, gradOut), gradX);
  }
}
