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
    checkArgument(
        Shape.broadcast(x.shape(), shape).equals(shape), "%s does not expand to %s", x, shape);
    Tensor out = Tensor.empty(x.backend(), shape);
    x.backend()
        .copy(
            new StridedSpec(shape.toArray(), 0, x.shape().stridesWithin(shape), 0, shape.strides()),
            x.storage(),
            out.storage());
    return Autograd.record(out, new Expand(), List.of(x));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {gradOut};
  }
}
