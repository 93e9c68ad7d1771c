package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Unary;
import java.util.List;

/**
 * An elementwise function f of one argument: ∂x = f′(x) · g. One kernel computes both factors and
 * the product; where the backward pass is differentiated in turn, f′ is composed of operations.
 */
public final class Activate extends Op {
  private static final float QUICK = 1.702f;
  private static final float CUBIC = 0.044715f;
  private static final float SQRT_2_OVER_PI = 0.7978845608028654f;
  private static final float INVERSE_SQRT_2_PI = 0.3989422804014327f;

  private final Unary f;
  private final Tensor x;

  private Activate(Unary f, Tensor x) {
    this.f = f;
    this.x = x;
  }

  public static Tensor of(Unary f, Tensor x) {
    Tensor out = Tensor.empty(x.backend(), x.shape());
    x.backend().unary(f, x.size(), x.storage(), out.storage());
    return Autograd.record(out, new Activate(f, x), List.of(x), x);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    if (Autograd.isRecording(List.of(x, gradOut))) {
      return new Tensor[] {gradOut.mul(slope())};
    }
    Tensor gradX = Tensor.empty(x.backend(), x.shape());
    x.backend().unaryBackward(f, x.size(), x.storage(), gradOut.storage(), gradX.storage());
    return new Tensor[] {gradX};
  }

  /** f′(x). */
  private Tensor slope() {
    return switch (f) {
      case SILU -> swishSlope(x);
      case QUICK_GELU -> swishSlope(x.mul(QUICK));
      case GELU -> x.normalCdf().add(x.mul(normalDensity()));
      case GELU_TANH -> {
        Tensor square = x.square();
        Tensor tanh = x.mul(square.mul(CUBIC).add(1f)).mul(SQRT_2_OVER_PI).tanh();
        Tensor inner = square.mul(3 * CUBIC).add(1f).mul(SQRT_2_OVER_PI);
        Tensor rise = x.mul(tanh.square().neg().add(1f)).mul(inner);
        yield tanh.add(1f).add(rise).mul(0.5f);
      }
      case SIGMOID -> x.sigmoid().mul(x.neg().sigmoid());
      case TANH -> x.tanh().square().neg().add(1f);
      case SOFTPLUS -> x.sigmoid();
      case NORMAL_CDF -> normalDensity();
      case EXP -> x.exp();
      case LOG -> x.reciprocal();
      case SQRT -> x.sqrt().reciprocal().mul(0.5f);
      case SQUARE -> x.mul(2f);
    };
  }

  /** The derivative of y · σ(y): σ(y) · (1 + y · σ(-y)). */
  private static Tensor swishSlope(Tensor y) {
    return y.sigmoid().mul(y.mul(y.neg().sigmoid()).add(1f));
  }

  /** e^(-x²/2) / √(2π). */
  private Tensor normalDensity() {
    return x.square().mul(-0.5f).exp().mul(INVERSE_SQRT_2_PI);
  }
}
