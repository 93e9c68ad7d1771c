package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/** Softmax y over the last axis: ∂x = y · (g - Σ g · y). */
public final class Softmax extends Op {
  private final Tensor y;

  private Softmax(Tensor y) {
    this.y = y;
  }

  public static Tensor of(Tensor x) {
    Tensor y = Tensor.empty(x.backend(), x.shape());
    int width = x.dim(-1);
    x.backend().softmax(x.size() / width, width, x.storage(), y.storage());
    return Autograd.record(y, new Softmax(y), List.of(x), y);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    if (Autograd.isRecording(List.of(y, gradOut))) {
      Tensor product = gradOut.mul(y);
      return new Tensor[] {product.sub(y.mul(product.sum(-1)))};
    }
    Tensor gradX = Tensor.empty(y.backend(), y.shape());
    int width = y.dim(-1);
    y.backend()
        .softmaxBackward(y.size() / width, width, y.storage(), gradOut.storage(), gradX.storage());
    return new Tensor[] {gradX};
  }
}
