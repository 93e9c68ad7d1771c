package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/** Rows added into a tensor of zeros at given places, the gradient of {@link Gather}. */
final class ScatterAdd extends Op {
  private final int[] rows;
  private final int width;
  private final Shape shape;

  private ScatterAdd(int[] rows, int width, Shape shape) {
    this.rows = rows;
    this.width = width;
    this.shape = shape;
  }

  /**
   * @param x {@code rows.length} rows of {@code width} elements
   * @param out shape of the result, which is made of such rows too
   */
  static Tensor of(Tensor x, int[] rows, int width, Shape out) {
    Tensor sums = Tensor.full(x.backend(), out, 0f);
    x.backend().scatterAdd(rows, width, x.storage(), sums.storage());
    return Autograd.record(sums, new ScatterAdd(rows, width, x.shape()), List.of(x));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {Gather.rows(gradOut, rows, width, shape)};
  }
}
