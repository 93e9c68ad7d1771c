package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Binary;
import java.util.List;

/**
 * The largest element along an axis, which keeps extent 1. The gradient is shared evenly among the
 * elements that are equally large, as in PyTorch's {@code amax}.
 */
public final class Max extends Op {
  private final int axis;
  private final Tensor x;
  private final Tensor out;

  private Max(int axis, Tensor x, Tensor out) {
    this.axis = axis;
    this.x = x;
    this.out = out;
  }

  public static Tensor of(Tensor x, int axis) {
    Shape shape = x.shape();
    int index = shape.axis(axis);
    Tensor out = Tensor.empty(x.backend(), shape.with(index, 1));
    x.backend()
        .max(
            shape.size(0, index),
            shape.dim(index),
            shape.size(index + 1, shape.rank()),
            x.storage(),
            out.storage());
    return Autograd.record(out, new Max(index, x, out), List.of(x), x, out);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    Tensor isMax = Broadcasting.compute(Binary.EQUAL, x, out);
    return new Tensor[] {isMax.mul(gradOut.div(isMax.sum(axis)))};
  }
}
