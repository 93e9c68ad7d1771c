package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/** Elements kept within bounds: ∂x is g where {@code low ≤ x ≤ high} and 0 elsewhere. */
public final class Clamp extends Op {
  private final float low;
  private final float high;
  private final Tensor x;

  private Clamp(float low, float high, Tensor x) {
    this.low = low;
    this.high = high;
    this.x = x;
  }

  /**
   * @throws IllegalArgumentException unless {@code low ≤ high}
   */
  public static Tensor of(Tensor x, float low, float high) {
    checkArgument(low <= high, "nothing lies between %s and %s", low, high);
    Tensor out = Tensor.empty(x.backend(), x.shape());
    x.backend().clamp(x.size(), low, high, x.storage(), out.storage());
    return Autograd.record(out, new Clamp(low, high, x), List.of(x), x);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {Gradient.of(low, high, x, gradOut)};
  }

  /** The gradient, linear in g; constant in x wherever it has a derivative. */
  private static final class Gradient extends Op {
    private final float low;
    private final float high;
    private final Tensor x;

    private Gradient(float low, float high, Tensor x) {
      this.low = low;
      this.high = high;
      this.x = x;
    }

    static Tensor of(float low, float high, Tensor x, Tensor g) {
      Tensor out = Tensor.empty(x.backend(), x.shape());
      x.backend().clampBackward(x.size(), low, high, x.storage(), g.storage(), out.storage());
      return Autograd.record(out, new Gradient(low, high, x), List.of(g), x);
    }

    @Override
    protected Tensor[] backward(Tensor gradOut) {
      return new Tensor[] {of(low, high, x, gradOut)};
    }
  }
}
