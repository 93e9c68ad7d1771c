package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import java.util.List;

/** A tensor set into zeros along one axis. The gradient is the part that was set in. */
public final class Pad extends Op {
  private final int axis;
  private final int from;
  private final int to;

  private Pad(int axis, int from, int to) {
    this.axis = axis;
    this.from = from;
    this.to = to;
  }

  /**
   * @param before zeros before the tensor
   * @param extent the axis' extent in the result
   */
  public static Tensor of(Tensor x, int axis, int before, int extent) {
    int index = x.shape().axis(axis);
    int end = before + x.dim(index);
    checkArgument(
        before >= 0 && end <= extent,
        "%s does not fit %s at %s of axis %s",
        x,
        extent,
        before,
        axis);
    Shape shape = x.shape().with(index, extent);
    Tensor out = Tensor.full(x.backend(), shape, 0f);
    int[] strides = shape.strides();
    x.backend()
        .copy(
            new StridedSpec(
                x.shape().toArray(), 0, x.shape().strides(), before * strides[index], strides),
            x.storage(),
            out.storage());
    return Autograd.record(out, new Pad(index, before, end), List.of(x));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {Slice.of(gradOut, axis, from, to)};
  }
}
