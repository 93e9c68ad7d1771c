package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.BroadcastSpec;
import java.util.Arrays;

/** Elementwise arithmetic of tensors whose shapes broadcast. */
final class Broadcasting {
  private Broadcasting() {}

  /** {@code f(a, b)}, not recorded. */
  static Tensor compute(Binary f, Tensor a, Tensor b) {
    Shape shape = Shape.broadcast(a.shape(), b.shape());
    Tensor out = Tensor.empty(a.backend(), shape);
    a.backend()
        .binary(f, walk(shape, a.shape(), b.shape()), a.storage(), b.storage(), out.storage());
    return out;
  }

  /** How operands of shapes {@code a} and {@code b} are read while {@code result} is written. */
  private static BroadcastSpec walk(Shape result, Shape a, Shape b) {
    int[] dims = result.toArray();
    int[] sa = a.stridesWithin(result);
    int[] sb = b.stridesWithin(result);
    int[] shape = new int[dims.length];
    int[] as = new int[dims.length];
    int[] bs = new int[dims.length];
    int n = 0;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == 1) {
        continue;
      }
      if (n > 0 && as[n - 1] == sa[i] * dims[i] && bs[n - 1] == sb[i] * dims[i]) {
        shape[n - 1] *= dims[i];
      } else {
        shape[n++] = dims[i];
      }
      as[n - 1] = sa[i];
      bs[n - 1] = sb[i];
    }
    if (n == 0) {
      return new BroadcastSpec(new int[] {1}, new int[] {1}, new int[] {1});
    }
    return new BroadcastSpec(Arrays.copyOf(shape, n), Arrays.copyOf(as, n), Arrays.copyOf(bs, n));
  }
}
