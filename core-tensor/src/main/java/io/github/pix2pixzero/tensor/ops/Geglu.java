package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import java.util.List;

/** GEGLU (Shazeer, 2020): the first half of the last axis times GELU of the second. */
public final class Geglu extends Op {
  private final Tensor x;

  private Geglu(Tensor x) {
    this.x = x;
  }

  /**
   * @param x […, 2 · width]
   * @return […, width]
   */
  public static Tensor of(Tensor x) {
    checkArgument(x.dim(-1) % 2 == 0, "the last axis of %s has no halves", x.shape());
    int width = x.dim(-1) / 2;
    Tensor out = Tensor.empty(x.backend(), x.shape().with(-1, width));
    x.backend().geglu(out.size() / width, width, x.storage(), out.storage());
    return Autograd.record(out, new Geglu(x), List.of(x), x);
  }

  /**
   * {@code of(x · weight + bias)}, whose product is stored only where a gradient needs it.
   *
   * @param x […, k]
   * @param weight [k, 2 · width]
   * @param bias [2 · width], or null
   * @return […, width]
   */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    List<Tensor> inputs = bias == null ? List.of(x, weight) : List.of(x, weight, bias);
    int k = x.dim(-1);
    int n = weight.dim(-1);
    boolean fits = weight.shape().equals(Shape.of(k, n)) && (bias == null || bias.size() == n);
    if (Autograd.isRecording(inputs) || !fits || n % 2 != 0) {
      return of(Matmul.linear(x, weight, bias)); // which says what does not fit
    }
    Tensor out = Tensor.empty(x.backend(), x.shape().with(-1, n / 2));
    x.backend()
        .matmulGeglu(
            MatmulSpec.of(x.size() / k, n, k),
            x.storage(),
            weight.storage(),
            bias == null ? null : bias.storage(),
            out.storage());
    return out;
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    if (Autograd.isRecording(List.of(x, gradOut))) {
      return Composed.backward(Geglu::define, gradOut, this::needs, x);
    }
    int width = gradOut.dim(-1);
    Tensor gradX = Tensor.empty(x.backend(), x.shape());
    x.backend()
        .gegluBackward(
            gradOut.size() / width, width, x.storage(), gradOut.storage(), gradX.storage());
    return new Tensor[] {gradX};
  }

  private static Tensor define(Tensor[] in) {
    int width = in[0].dim(-1) / 2;
    return in[0].slice(-1, 0, width).mul(in[0].slice(-1, width, 2 * width).gelu());
  }
}
