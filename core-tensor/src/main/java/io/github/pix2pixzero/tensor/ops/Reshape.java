package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/** The same elements in another shape; nothing is copied. */
public final class Reshape extends Op {
  private final Shape shape;

  private Reshape(Shape shape) {
    this.shape = shape;
  }

  public static Tensor of(Tensor x, Shape shape) {
    checkArgument(x.size() == shape.size(), "%s does not reshape to %s", x.shape(), shape);
    return x.shape().equals(shape)
        ? x
        : Autograd.record(x.view(shape), new Reshape(x.shape()), List.of(x));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {Reshape.of(gradOut, shape)};
  }
}
