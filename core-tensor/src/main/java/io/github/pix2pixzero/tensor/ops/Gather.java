package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/**
 * Parts of an axis picked by index, as often and in the order as asked for. The gradient is {@link
 * ScatterAdd}, whose gradient is this again.
 */
public final class Gather extends Op {
  private final int[] rows;
  private final int width;
  private final Shape shape;

  private Gather(int[] rows, int width, Shape shape) {
    this.rows = rows;
    this.width = width;
    this.shape = shape;
  }

  /**
   * @return the shape of {@code x} with {@code indices.length} for the axis' extent
   * @throws IllegalArgumentException naming the first index that the axis does not have
   */
  public static Tensor of(Tensor x, int axis, int... indices) {
    int at = x.shape().axis(axis);
    int extent = x.dim(at);
    for (int index : indices) {
      checkArgument(
          index >= 0 && index < extent, "no index %s in axis %s of %s", index, axis, x.shape());
    }
    int outer = x.shape().size(0, at);
    int[] rows = new int[outer * indices.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i / indices.length * extent + indices[i % indices.length];
    }
    int width = x.shape().size(at + 1, x.shape().rank());
    return rows(x, rows, width, x.shape().with(at, indices.length));
  }

  /** Rows of {@code width} elements, whatever the shape of {@code x}; the result is {@code out}. */
  static Tensor rows(Tensor x, int[] rows, int width, Shape out) {
    Tensor picked = Tensor.empty(x.backend(), out);
    x.backend().gather(rows, width, x.storage(), picked.storage());
    return Autograd.record(picked, new Gather(rows, width, x.shape()), List.of(x));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {ScatterAdd.of(gradOut, rows, width, shape)};
  }
}
