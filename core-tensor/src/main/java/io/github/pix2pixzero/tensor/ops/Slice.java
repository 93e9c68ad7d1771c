package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import java.util.List;

/** A part of one axis. The gradient is padded with zeros. */
public final class Slice extends Op {
  private final Shape shape;
  private final int axis;
  private final int from;

  private Slice(Shape shape, int axis, int from) {
    this.shape = shape;
    this.axis = axis;
    this.from = from;
  }

  /**
   * @throws IllegalArgumentException if {@code from} to {@code to} is not a non-empty part of the
   *     axis
   */
  public static Tensor of(Tensor x, int axis, int from, int to) {
    Shape shape = x.shape();
    int index = shape.axis(axis);
    checkArgument(
        0 <= from && from < to && to <= shape.dim(index),
        "%s to %s is no part of axis %s of %s",
        from,
        to,
        axis,
        shape);
    if (to - from == shape.dim(index)) {
      return x;
    }
    Shape part = shape.with(index, to - from);
    Tensor out = Tensor.empty(x.backend(), part);
    int[] strides = shape.strides();
    x.backend()
        .copy(
            new StridedSpec(part.toArray(), from * strides[index], strides, 0, part.strides()),
            x.storage(),
            out.storage());
    return Autograd.record(out, new Slice(shape, index, from), List.of(x));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {Pad.of(gradOut, axis, from, shape.dim(axis))};
  }
}
