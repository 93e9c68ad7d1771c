package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import java.util.List;

/**
 * Convolution of a channels-last picture [batch, height, width, in] with a weight [kernel, kernel,
 * in, out], plus a bias [out] that may be null. The gradients are the {@linkplain ConvTranspose2d
 * transposed convolution}, the {@linkplain Conv2dWeightGradient correlation} of input and incoming
 * gradient, and the sum over the pixels. The gradients of each of the three operations are made of
 * the other two, so that derivatives of any order exist.
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
    checkFits(spec, x, weight, bias);
    return of(spec, x, weight, bias);
  }

  /** The convolution of a spec that fits. */
  static Tensor of(Conv2dSpec spec, Tensor x, Tensor weight, Tensor bias) {
    Tensor out =
        Tensor.empty(
            x.backend(),
            Shape.of(spec.batch(), spec.outHeight(), spec.outWidth(), spec.outChannels()));
    x.backend()
        .conv2d(
            spec,
            x.storage(),
            weight.storage(),
            bias == null ? null : bias.storage(),
            out.storage());
    List<Tensor> inputs = bias == null ? List.of(x, weight) : List.of(x, weight, bias);
    Op op = new Conv2d(spec, x, weight);
    return weight.isTracked()
        ? Autograd.record(out, op, inputs, weight, x)
        : Autograd.record(out, op, inputs, weight);
  }

  private static void checkFits(Conv2dSpec spec, Tensor x, Tensor weight, Tensor bias) {
    checkArgument(weight.dim(0) == weight.dim(1), "the kernel of %s is not square", weight.shape());
    checkArgument(
        spec.kernel() <= spec.height() + spec.padTop() + spec.padBottom()
            && spec.kernel() <= spec.width() + spec.padLeft() + spec.padRight(),
        "a kernel of %s does not fit %s, padding included",
        spec.kernel(),
        x.shape());
    checkArgument(
        bias == null || bias.size() == spec.outChannels(),
        "a bias %s does not fit %s output channels",
        bias == null ? null : bias.shape(),
        spec.outChannels());
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {
      needs(0) ? ConvTranspose2d.of(spec, gradOut, weight) : null,
      needs(1) ? Conv2dWeightGradient.of(spec, x, gradOut) : null,
      gradOut
    };
  }
}
