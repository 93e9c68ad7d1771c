package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.util.List;

/**
 * A convolution between two scalings, {@code y = d · C(s · x)} with s and d for each picture and
 * channel, or the same of its transpose Cᵀ. With g the gradient of y and {@code u = Cᵀ(d · g)},
 *
 * <pre>{@code ∂x = s · u,  ∂s = Σ x · u,  ∂d = Σ g · y / d}</pre>
 *
 * summed over the pixels, and the weight's gradient is that of the convolution between s · x and d
 * · g. Each of the two is the gradient of the other, so that derivatives of any order exist.
 */
final class ScaledConv2d extends Op {
  private final Conv2dSpec spec;
  private final boolean transposed;
  private final Tensor x;
  private final Tensor s;
  private final Tensor weight;
  private final Tensor d;
  private final Tensor y;

  private ScaledConv2d(
      Conv2dSpec spec, boolean transposed, Tensor x, Tensor s, Tensor weight, Tensor d, Tensor y) {
    this.spec = spec;
    this.transposed = transposed;
    this.x = x;
    this.s = s;
    this.weight = weight;
    this.d = d;
    this.y = y;
  }

  /**
   * @param spec of the convolution, also where it is its transpose that is computed
   * @param x a picture of the convolution's input, or of its output where it is transposed
   * @param s [batch, x's channels]
   * @param weight [kernel, kernel, inChannels, outChannels]
   * @param d [batch, the result's channels], nowhere 0; or null
   */
  static Tensor of(
      Conv2dSpec spec, boolean transposed, Tensor x, Tensor s, Tensor weight, Tensor d) {
    Shape shape =
        transposed
            ? Shape.of(spec.batch(), spec.height(), spec.width(), spec.inChannels())
            : Shape.of(spec.batch(), spec.outHeight(), spec.outWidth(), spec.outChannels());
    Tensor y = Tensor.empty(x.backend(), shape);
    Storage after = d == null ? null : d.storage();
    if (transposed) {
      x.backend()
          .modulatedConv2dInputGradient(
              spec, x.storage(), s.storage(), weight.storage(), after, y.storage());
    } else {
      x.backend()
          .modulatedConv2d(spec, x.storage(), s.storage(), weight.storage(), after, y.storage());
    }
    Op op = new ScaledConv2d(spec, transposed, x, s, weight, d, y);
    return d == null
        ? Autograd.record(y, op, List.of(x, s, weight), x, s, weight)
        : Autograd.record(y, op, List.of(x, s, weight, d), x, s, weight, d, y);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    Tensor[] gradients = new Tensor[4];
    if (needs(1)) {
      Tensor back = back(gradOut, null);
      gradients[0] = needs(0) ? back.mul(perPixel(s)) : null;
      gradients[1] = overPixels(x.mul(back));
    } else if (needs(0)) {
      gradients[0] = back(gradOut, s);
    }
    if (needs(2)) {
      Tensor from = x.mul(perPixel(s));
      Tensor to = d == null ? gradOut : gradOut.mul(perPixel(d));
      gradients[2] = Conv2dWeightGradient.of(spec, transposed ? to : from, transposed ? from : to);
    }
    if (d != null && needs(3)) {
      gradients[3] = overPixels(gradOut.mul(y)).div(d);
    }
    return gradients;
  }

  /** {@code after · Cᵀ(d · g)}. */
  private Tensor back(Tensor gradOut, Tensor after) {
    if (d != null) {
      return of(spec, !transposed, gradOut, d, weight, after);
    }
    Tensor back =
        transposed ? Conv2d.of(spec, gradOut, weight) : ConvTranspose2d.of(spec, gradOut, weight);
    return after == null ? back : back.mul(perPixel(after));
  }

  private static Tensor perPixel(Tensor scales) {
    return scales.reshape(scales.dim(0), 1, 1, scales.dim(1));
  }

  private static Tensor overPixels(Tensor x) {
    return x.sum(1, 2).reshape(x.dim(0), x.dim(3));
  }
}
