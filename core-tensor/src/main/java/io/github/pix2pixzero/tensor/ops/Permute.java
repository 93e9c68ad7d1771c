package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Ints;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.StridedSpec;
import java.util.Arrays;
import java.util.List;

/** Axes reordered: axis i of the result is axis {@code axes[i]} of the input. */
public final class Permute extends Op {
  private final int[] inverse;

  private Permute(int[] inverse) {
    this.inverse = inverse;
  }

  /**
   * @throws IllegalArgumentException if {@code axes} is not a permutation of the input's axes
   */
  public static Tensor of(Tensor x, int... axes) {
    Shape from = x.shape();
    int[] inverse = new int[from.rank()];
    Arrays.fill(inverse, -1);
    int[] dims = new int[axes.length];
    int[] strides = new int[axes.length];
    checkArgument(axes.length == from.rank(), "%s does not permute %s", Ints.asList(axes), from);
    for (int i = 0; i < axes.length; i++) {
      int axis = from.axis(axes[i]);
      checkArgument(inverse[axis] < 0, "%s names axis %s twice", Ints.asList(axes), axis);
      inverse[axis] = i;
      dims[i] = from.dim(axis);
      strides[i] = from.strides()[axis];
    }
    Shape to = Shape.of(dims);
    Tensor out = Tensor.empty(x.backend(), to);
    x.backend()
        .copy(new StridedSpec(dims, 0, strides, 0, to.strides()), x.storage(), out.storage());
    return Autograd.record(out, new Permute(inverse), List.of(x));
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {Permute.of(gradOut, inverse)};
  }
}
