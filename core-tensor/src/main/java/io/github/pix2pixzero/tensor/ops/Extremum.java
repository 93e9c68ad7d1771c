package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Binary;
import java.util.List;

/**
 * The larger or the smaller of two elements, with broadcasting. The gradient goes to the one that
 * was taken and half and half where both are equal, as in PyTorch's {@code maximum}.
 */
public final class Extremum extends Op {
  private final Tensor a;
  private final Tensor b;
  private final Tensor out;

  private Extremum(Tensor a, Tensor b, Tensor out) {
    this.a = a;
    this.b = b;
    this.out = out;
  }

  /** {@code max(a, b)}. */
  public static Tensor max(Tensor a, Tensor b) {
    return of(Binary.MAX, a, b);
  }

  /** {@code min(a, b)}. */
  public static Tensor min(Tensor a, Tensor b) {
    return of(Binary.MIN, a, b);
  }

  private static Tensor of(Binary f, Tensor a, Tensor b) {
    Tensor out = Broadcasting.compute(f, a, b);
    return Autograd.record(out, new Extremum(a, b, out), List.of(a, b), a, b, out);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    Tensor isA = Broadcasting.compute(Binary.EQUAL, out, a);
    Tensor isB = Broadcasting.compute(Binary.EQUAL, out, b);
    Tensor share = gradOut.div(isA.add(isB));
    return new Tensor[] {needs(0) ? share.mul(isA) : null, needs(1) ? share.mul(isB) : null};
  }
}
