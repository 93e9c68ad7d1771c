package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
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
