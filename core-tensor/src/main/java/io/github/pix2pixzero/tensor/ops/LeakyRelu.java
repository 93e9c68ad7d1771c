package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/**
 * Leaky ReLU (Maas et al., 2013), x where positive and {@code slope · x} elsewhere: ∂x is g where x
 * is positive and {@code slope · g} elsewhere. A slope of 0 makes it ReLU.
 */
public final class LeakyRelu extends Op {
  private final float slope;
  private final Tensor x;

  private LeakyRelu(float slope, Tensor x) {
    this.slope = slope;
    this.x = x;
  }

  public static Tensor of(Tensor x, float slope) {
    Tensor out = Tensor.empty(x.backend(), x.shape());
    x.backend().leakyRelu(x.size(), slope, x.storage(), out.storage());
    return Autograd.record(out, new LeakyRelu(slope, x), List.of(x), x);
  }

  /**
   * The same in the place of {@code x}, unless it is recorded. For what nothing else reads, such as
   * what a layer has just made.
   */
  public static Tensor over(Tensor x, float slope) {
    if (Autograd.isRecording(List.of(x))) {
      return of(x, slope);
    }
    x.backend().leakyRelu(x.size(), slope, x.storage(), x.storage());
    return x;
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {Gradient.of(slope, x, gradOut)};
  }

  /**
   * The gradient, linear in g. The second derivative with respect to x is 0 wherever there is one,
   * so x is no input.
   */
  private static final class Gradient extends Op {
    private final float slope;
    private final Tensor x;

    private Gradient(float slope, Tensor x) {
      this.slope = slope;
      this.x = x;
    }

    static Tensor of(float slope, Tensor x, Tensor g) {
      Tensor out = Tensor.empty(x.backend(), x.shape());
      x.backend().leakyReluBackward(x.size(), slope, x.storage(), g.storage(), out.storage());
      return Autograd.record(out, new Gradient(slope, x), List.of(g), x);
    }

    @Override
    protected Tensor[] backward(Tensor gradOut) {
      return new Tensor[] {of(slope, x, gradOut)};
    }
  }
}
