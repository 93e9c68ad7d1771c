package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import java.util.List;

/** Tensors joined along an axis. The gradient is cut where they were joined. */
public final class Concat extends Op {
  private final int axis;
  private final int[] ends;

  private Concat(int axis, int[] ends) {
    this.axis = axis;
    this.ends = ends;
  }

  /**
   * @throws IllegalArgumentException if the parts differ in more than the axis
   */
  public static Tensor of(int axis, Tensor... parts) {
    checkArgument(parts.length > 0, "nothing to concatenate");
    if (parts.length == 1) {
      return parts[0];
    }
    Shape first = parts[0].shape();
    int index = first.axis(axis);
    int[] ends = new int[parts.length];
    int extent = 0;
    for (int i = 0; i < parts.length; i++) {
      Shape shape = parts[i].shape();
      checkArgument(
          shape.rank() == first.rank() && shape.with(index, first.dim(index)).equals(first),
          "%s and %s do not join along axis %s",
          first,
          shape,
          axis);
      extent += shape.dim(index);
      ends[i] = extent;
    }
    Shape whole = first.with(index, extent);
    Tensor out = Tensor.empty(parts[0].backend(), whole);
    int[] strides = whole.strides();
    for (int i = 0; i < parts.length; i++) {
      Shape shape = parts[i].shape();
      int start = ends[i] - shape.dim(index);
      out.backend()
          .copy(
              new StridedSpec(shape.toArray(), 0, shape.strides(), start * strides[index], strides),
              parts[i].storage(),
              out.storage());
    }
    return Autograd.record(out, new Concat(index, ends), List.of(parts));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    Tensor[] gradients = new Tensor[ends.length];
    for (int i = 0; i < ends.length; i++) {
      if (needs(i)) {
        gradients[i] = Slice.of(gradOut, axis, i == 0 ? 0 : ends[i - 1], ends[i]);
      }
    }
    return gradients;
  }
}
