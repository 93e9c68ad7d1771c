package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import java.util.List;

/**
 * The gradient of {@link Conv2d} with respect to its weight as an operation: the correlation of a
 * picture x and the gradient g of the output. With G the gradient of the result, ∂x is the
 * transposed convolution of g with G and ∂g the convolution of x with G.
 */
final class Conv2dWeightGradient extends Op {
  private final Conv2dSpec spec;
  private final Tensor x;
  private final Tensor g;

  private Conv2dWeightGradient(Conv2dSpec spec, Tensor x, Tensor g) {
    this.spec = spec;
    this.x = x;
    this.g = g;
  }

  /**
   * @param x [batch, height, width, in]
   * @param g [batch, outHeight, outWidth, out]
   * @return [kernel, kernel, in, out]
   */
  static Tensor of(Conv2dSpec spec, Tensor x, Tensor g) {
    Shape shape = Shape.of(spec.kernel(), spec.kernel(), spec.inChannels(), spec.outChannels());
    Tensor out = Tensor.empty(x.backend(), shape);
    x.backend().conv2dWeightGradient(spec, x.storage(), g.storage(), out.storage());
    return Autograd.record(out, new Conv2dWeightGradient(spec, x, g), List.of(x, g), x, g);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {
      needs(0) ? ConvTranspose2d.of(spec, g, gradOut) : null,
      needs(1) ? Conv2d.of(spec, x, gradOut) : null
    };
  }
}
