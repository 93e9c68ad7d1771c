package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import java.util.List;

/**
 * Transposed convolution, which is the gradient of {@link Conv2d} with respect to its input: every
 * pixel of [batch, height, width, in] spreads a weight [kernel, kernel, out, in] over the result.
 * The gradients are a convolution and the correlation of the two pictures. Agrees with PyTorch's
 * {@code conv_transpose2d}, whose weight is [in, out, kernel, kernel].
 */
public final class ConvTranspose2d extends Op {
  private final Conv2dSpec spec;
  private final Tensor x;
  private final Tensor weight;

  private ConvTranspose2d(Conv2dSpec spec, Tensor x, Tensor weight) {
    this.spec = spec;
    this.x = x;
    this.weight = weight;
  }

  /**
   * @param x [batch, height, width, in]
   * @param weight [kernel, kernel, out, in]
   * @param bias [out], or null
   * @param padding pixels taken off the four sides of the result
   * @param outputPadding rows and columns added at the bottom and the right, less than {@code
   *     stride}
   * @return [batch, (height - 1) · stride + kernel + outputPadding - padding, …, out]
   * @throws IllegalArgumentException if the channels of picture and weight differ or nothing is
   *     left of the result
   */
  public static Tensor of(
      Tensor x, Tensor weight, Tensor bias, int stride, Padding padding, int outputPadding) {
    Conv2dSpec spec = spec(x, weight, stride, padding, outputPadding);
    checkArgument(
        bias == null || bias.size() == spec.inChannels(),
        "a bias %s does not fit %s output channels",
        bias == null ? null : bias.shape(),
        spec.inChannels());
    Tensor out = of(spec, x, weight);
    return bias == null ? out : out.add(bias);
  }

  /** The sizes of the convolution whose transpose this is. */
  static Conv2dSpec spec(Tensor x, Tensor weight, int stride, Padding padding, int outputPadding) {
    checkArgument(
        x.shape().rank() == 4
            && weight.shape().rank() == 4
            && x.dim(3) == weight.dim(3)
            && weight.dim(0) == weight.dim(1),
        "a weight [kernel, kernel, out, in] %s does not spread [batch, height, width, in] %s",
        weight.shape(),
        x.shape());
    checkArgument(
        outputPadding >= 0 && outputPadding < stride,
        "an output padding of %s does not go with a stride of %s",
        outputPadding,
        stride);
    int grown = weight.dim(0) - stride + outputPadding;
    int height = x.dim(1) * stride + grown - padding.top() - padding.bottom();
    int width = x.dim(2) * stride + grown - padding.left() - padding.right();
    checkArgument(
        height > 0 && width > 0, "a padding of %s leaves nothing of %s", padding, x.shape());
    return new Conv2dSpec(
        x.dim(0),
        height,
        width,
        weight.dim(2),
        weight.dim(3),
        weight.dim(0),
        stride,
        padding.top(),
        padding.left(),
        padding.bottom(),
        padding.right());
  }

  /**
   * The transpose of one convolution in particular.
   *
   * @param spec of the convolution, whose input is the result
   */
  static Tensor of(Conv2dSpec spec, Tensor x, Tensor weight) {
    Shape shape = Shape.of(spec.batch(), spec.height(), spec.width(), spec.inChannels());
    Tensor out = Tensor.empty(x.backend(), shape);
    x.backend().conv2dInputGradient(spec, x.storage(), weight.storage(), out.storage());
    Op op = new ConvTranspose2d(spec, x, weight);
    List<Tensor> inputs = List.of(x, weight);
    return weight.isTracked()
        ? Autograd.record(out, op, inputs, weight, x)
        : Autograd.record(out, op, inputs, weight);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {
      needs(0) ? Conv2d.of(spec, gradOut, weight) : null,
      needs(1) ? Conv2dWeightGradient.of(spec, gradOut, x) : null
    };
  }
}
