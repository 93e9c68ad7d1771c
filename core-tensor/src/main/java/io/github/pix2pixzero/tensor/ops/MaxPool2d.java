package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;

/**
 * The largest element of square windows of [batch, height, width, channels], as PyTorch's {@code
 * max_pool2d} without padding. Made of {@link Max} over rows and then over columns; equal elements
 * share the gradient, which PyTorch gives to the first of them.
 */
public final class MaxPool2d {
  private MaxPool2d() {}

  /**
   * @param kernel side of a window, from stride to 2 · stride
   * @param ceil whether windows count that reach beyond the end, as with {@code ceil_mode}
   * @return [batch, (height - kernel) / stride + 1, …, channels], the quotient rounded down, or up
   */
  public static Tensor of(Tensor x, int kernel, int stride, boolean ceil) {
    checkArgument(
        1 <= stride && stride <= kernel && kernel <= 2 * stride,
        "a kernel of %s is not between the stride %s and twice the stride",
        kernel,
        stride);
    checkArgument(
        x.shape().rank() == 4 && x.dim(1) >= kernel && x.dim(2) >= kernel,
        "windows of %s x %s do not fit [batch, height, width, channels] %s",
        kernel,
        kernel,
        x.shape());
    return along(along(x, 1, kernel, stride, ceil), 2, kernel, stride, ceil);
  }

  private static Tensor along(Tensor x, int axis, int kernel, int stride, boolean ceil) {
    int span = x.dim(axis) - kernel;
    int windows = span / stride + 1;
    if (ceil && span % stride > 0) {
      windows++;
    }
    // Each window is a group of stride elements and the beginning of the next group.
    int overlap = kernel - stride;
    int groups = overlap > 0 ? windows + 1 : windows;
    Tensor grouped = groups(fitted(x, axis, groups * stride), axis, groups, stride);
    Tensor largest = grouped.slice(axis, 0, windows).max(axis + 1);
    if (overlap > 0) {
      Tensor next = grouped.slice(axis, 1, groups).slice(axis + 1, 0, overlap).max(axis + 1);
      largest = largest.maximum(next);
    }
    return largest.reshape(x.shape().with(axis, windows).toArray());
  }

  /** Cut, or filled up with what is never the largest. */
  private static Tensor fitted(Tensor x, int axis, int extent) {
    int present = x.dim(axis);
    if (present >= extent) {
      return present == extent ? x : x.slice(axis, 0, extent);
    }
    Shape missing = x.shape().with(axis, extent - present);
    return Tensor.concat(axis, x, Tensor.full(x.backend(), missing, Float.NEGATIVE_INFINITY));
  }

  private static Tensor groups(Tensor x, int axis, int groups, int stride) {
    return axis == 1
        ? x.reshape(x.dim(0), groups, stride, x.dim(2), x.dim(3))
        : x.reshape(x.dim(0), x.dim(1), groups, stride, x.dim(3));
  }
}
