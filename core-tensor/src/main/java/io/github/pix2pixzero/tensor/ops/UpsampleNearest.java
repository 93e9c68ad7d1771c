package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/**
 * Every pixel of [batch, height, width, channels] repeated along both axes. The gradient sums over
 * each block.
 */
public final class UpsampleNearest extends Op {
  private final Shape shape;
  private final int factor;

  private UpsampleNearest(Shape shape, int factor) {
    this.shape = shape;
    this.factor = factor;
  }

  public static Tensor of(Tensor x, int factor) {
    Shape s = x.shape();
    Tensor out =
        Tensor.empty(
            x.backend(), Shape.of(s.dim(0), s.dim(1) * factor, s.dim(2) * factor, s.dim(3)));
    x.backend()
        .upsampleNearest(
            s.dim(0), s.dim(1), s.dim(2), s.dim(3), factor, x.storage(), out.storage());
    return Autograd.record(out, new UpsampleNearest(s, factor), List.of(x));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    if (Autograd.isRecording(List.of(gradOut))) {
      Tensor blocks =
          gradOut.reshape(shape.dim(0), shape.dim(1), factor, shape.dim(2), factor, shape.dim(3));
      return new Tensor[] {blocks.sum(2, 4).reshape(shape.toArray())};
    }
    Tensor gradX = Tensor.empty(gradOut.backend(), shape);
    gradX
        .backend()
        .upsampleNearestBackward(
            shape.dim(0),
            shape.dim(1),
            shape.dim(2),
            shape.dim(3),
            factor,
            gradOut.storage(),
            gradX.storage());
    return new Tensor[] {gradX};
  }
}
