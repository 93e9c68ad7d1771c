package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import java.util.Arrays;

/**
 * An axis continued by its reflection in the first and the last element, which are not repeated;
 * PyTorch's padding mode {@code reflect}.
 */
public final class ReflectPad {
  private ReflectPad() {}

  /**
   * @throws IllegalArgumentException unless both paddings are less than the axis' extent
   */
  public static Tensor of(Tensor x, int axis, int before, int after) {
    int last = x.dim(axis) - 1;
    checkArgument(
        before >= 0 && after >= 0 && before <= last && after <= last,
        "axis %s of %s has no reflection of %s and %s elements",
        axis,
        x.shape(),
        before,
        after);
    int[] indices = new int[before + last + 1 + after];
    Arrays.setAll(indices, i -> last - Math.abs(last - Math.abs(i - before)));
    return Gather.of(x, axis, indices);
  }
}
