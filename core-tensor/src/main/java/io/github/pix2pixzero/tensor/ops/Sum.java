package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/** The sum over one axis, which keeps extent 1. The gradient is stretched back. */
public final class Sum extends Op {
  private final Shape shape;

  private Sum(Shape shape) {
    this.shape = shape;
  }

  public static Tensor of(Tensor x, int axis) {
    Shape shape = x.shape();
    int index = shape.axis(axis);
    Tensor out = Tensor.empty(x.backend(), shape.with(index, 1));
    x.backend()
        .sum(
            shape.size(0, index),
            shape.dim(index),
            shape.size(index + 1, shape.rank()),
            x.storage(),
            out.storage());
    return Autograd.record(out, new Sum(shape), List.of(x));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {Expand.of(gradOut, shape)};
  }
}
