package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/**
 * {@code weight · Σ (a - b)²} over all elements: ∂a = 2 · weight · g · (a - b) and ∂b the same with
 * a and b exchanged.
 */
public final class SquaredDistance extends Op {
  private final Tensor a;
  private final Tensor b;
  private final float weight;

  private SquaredDistance(Tensor a, Tensor b, float weight) {
    this.a = a;
    this.b = b;
    this.weight = weight;
  }

  /**
   * @return a scalar
   * @throws IllegalArgumentException if the shapes differ
   */
  public static Tensor of(Tensor a, Tensor b, float weight) {
    checkArgument(
        a.shape().equals(b.shape()), "no distance between %s and %s", a.shape(), b.shape());
    Tensor out = Tensor.empty(a.backend(), Shape.of());
    a.backend().squaredDistance(a.size(), weight, a.storage(), b.storage(), out.storage());
    return Autograd.record(out, new SquaredDistance(a, b, weight), List.of(a, b), a, b);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {
      needs(0) ? gradient(a, b, gradOut) : null, needs(1) ? gradient(b, a, gradOut) : null
    };
  }

  /** With respect to x. */
  private Tensor gradient(Tensor x, Tensor y, Tensor gradOut) {
    if (Autograd.isRecording(List.of(x, y, gradOut))) {
      return x.sub(y).mul(gradOut.mul(2 * weight));
    }
    Tensor gradX = Tensor.empty(x.backend(), x.shape());
    x.backend()
        .squaredDistanceBackward(
            x.size(), weight, x.storage(), y.storage(), gradOut.storage(), gradX.storage());
    return gradX;
  }
}
