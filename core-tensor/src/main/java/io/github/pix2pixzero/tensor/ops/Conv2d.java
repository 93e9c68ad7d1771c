package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.util.List;

/**
 * Convolution of a channels-last picture [batch, height, width, in] with a weight [kernel, kernel,
 * in, out], plus a bias [out] and a picture of the result's shape that may be null. The gradients
 * are the {@linkplain ConvTranspose2d transposed convolution}, the {@linkplain Conv2dWeightGradient
 * correlation} of input and incoming gradient, the sum over the pixels, and what came in. The
 * gradients of each of the three operations are made of the other two, so that derivatives of any
 * order exist.
 */
public final class Conv2d extends Op {
  private final Conv2dSpec spec;
  private final Tensor x;
  private final Tensor weight;

  private Conv2d(Conv2dSpec spec, Tensor x, Tensor weight) {
    this.spec = spec;
    this.x = x;
    this.weight = weight;
  }

  /** Zeros around a picture, in pixels. */
  public record Padding(int top, int left, int bottom, int right) {
    /** The same on all four sides. */
    public static Padding all(int pixels) {
      return new Padding(pixels, pixels, pixels, pixels);
    }
  }

  /**
   * @throws IllegalArgumentException if the channels of picture and weight differ or the kernel
   *     does not fit
   */
  public static Tensor of(Tensor x, Tensor weight, Tensor bias, int stride, Padding padding) {
    return of(x, weight, bias, null, stride, padding);
  }

  /**
   * @param residual what is added, of the result's shape; may be null
   * @throws IllegalArgumentException if the channels of picture and weight differ, the kernel does
   *     not fit or the residual does not
   */
  public static Tensor of(
      Tensor x, Tensor weight, Tensor bias, Tensor residual, int stride, Padding padding) {
    Conv2dSpec spec = spec(x, weight, stride, padding);
    checkArgument(
        bias == null || bias.size() == spec.outChannels(),
        "a bias %s does not fit %s output channels",
        bias == null ? null : bias.shape(),
        spec.outChannels());
    return of(spec, x, weight, bias, residual);
  }

  /** The sizes of a convolution that fits. */
  static Conv2dSpec spec(Tensor x, Tensor weight, int stride, Padding padding) {
    checkArgument(
        x.shape().rank() == 4 && weight.shape().rank() == 4 && x.dim(3) == weight.dim(2),
        "a weight [kernel, kernel, in, out] %s does not convolve [batch, height, width, in] %s",
        weight.shape(),
        x.shape());
    Conv2dSpec spec =
        new Conv2dSpec(
            x.dim(0),
            x.dim(1),
            x.dim(2),
            x.dim(3),
            weight.dim(3),
            weight.dim(0),
            stride,
            padding.top(),
            padding.left(),
            padding.bottom(),
            padding.right());
    checkArgument(weight.dim(0) == weight.dim(1), "the kernel of %s is not square", weight.shape());
    checkArgument(
        spec.kernel() <= spec.height() + spec.padTop() + spec.padBottom()
            && spec.kernel() <= spec.width() + spec.padLeft() + spec.padRight(),
        "a kernel of %s does not fit %s, padding included",
        spec.kernel(),
        x.shape());
    return spec;
  }

  /** The convolution of a spec that fits. */
  static Tensor of(Conv2dSpec spec, Tensor x, Tensor weight) {
    return of(spec, x, weight, null, null);
  }

  private static Tensor of(Conv2dSpec spec, Tensor x, Tensor weight, Tensor bias, Tensor residual) {
    Shape shape = Shape.of(spec.batch(), spec.outHeight(), spec.outWidth(), spec.outChannels());
    Residual.check(residual, shape);
    Tensor out = Tensor.empty(x.backend(), shape);
    Storage shift = bias == null ? null : bias.storage();
    if (residual == null) {
      x.backend().conv2d(spec, x.storage(), weight.storage(), shift, out.storage());
    } else {
      x.backend()
          .conv2dAdd(spec, x.storage(), weight.storage(), shift, residual.storage(), out.storage());
    }
    List<Tensor> inputs = Residual.inputs(x, weight, bias, residual);
    Op op = new Conv2d(spec, x, weight);
    return weight.isTracked()
        ? Autograd.record(out, op, inputs, weight, x)
        : Autograd.record(out, op, inputs, weight);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {
      needs(0) ? ConvTranspose2d.of(spec, gradOut, weight) : null,
      needs(1) ? Conv2dWeightGradient.of(spec, x, gradOut) : null,
      gradOut,
      gradOut
    };
  }
}
