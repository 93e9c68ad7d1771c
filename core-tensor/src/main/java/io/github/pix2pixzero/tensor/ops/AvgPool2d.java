package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;

/**
 * The mean over square windows of [batch, height, width, channels]: {@link Upfirdn} with a box for
 * a filter. Zeros of the padding count, as by default in PyTorch's {@code avg_pool2d}.
 */
public final class AvgPool2d {
  private AvgPool2d() {}

  /**
   * @param padding zeros on all four sides, at most half the kernel
   * @return [batch, (height + 2 · padding - kernel) / stride + 1, …, channels]
   */
  public static Tensor of(Tensor x, int kernel, int stride, int padding) {
    checkArgument(
        padding >= 0 && 2 * padding <= kernel,
        "a padding of %s is not between 0 and half the kernel %s",
        padding,
        kernel);
    Tensor box = Tensor.full(x.backend(), Shape.of(kernel, kernel), 1f / (kernel * kernel));
    return Upfirdn.of(x, box, 1, stride, Padding.all(padding), false);
  }
}
