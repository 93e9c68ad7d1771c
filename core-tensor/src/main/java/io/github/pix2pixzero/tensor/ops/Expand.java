package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import java.util.List;

/** A tensor stretched to a shape it broadcasts to. The driver sums the gradient back. */
public final class Expand extends Op {
  private Expand() {}

  public static Tensor of(Tensor x, Shape shape) {
    if (x.shape().equals(shape)) {
      return x;
    }
    checkArgument(stretches(x.shape(), shape), "%s does not expand to %s", x.shape(), shape);
    Tensor out = Tensor.empty(x.backend(), shape);
    x.backend()
        .copy(
            new StridedSpec(shape.toArray(), 0, x.shape().stridesWithin(shape), 0, shape.strides()),
            x.storage(),
            out.storage());
    return Autograd.record(out, new Expand(), List.of(x));
  }

  private static boolean stretches(Shape from, Shape to) {
    int lead = to.rank() - from.rank();
    for (int axis = 0; lead >= 0 && axis < from.rank(); axis++) {
      if (from.dim(axis) != 1 && from.dim(axis) != to.dim(lead + axis)) {
        return false;
      }
    }
    return lead >= 0;
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {gradOut};
  }
}
