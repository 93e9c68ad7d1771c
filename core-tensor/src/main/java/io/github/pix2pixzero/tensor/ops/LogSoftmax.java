package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/**
 * Logarithms y of the softmax over the last axis, {@code x - max - log Σ exp(x - max)}, which stays
 * exact where a probability is too small for a float: ∂x = g - exp(y) · Σ g.
 */
public final class LogSoftmax extends Op {
  private final Tensor y;

  private LogSoftmax(Tensor y) {
    this.y = y;
  }

  public static Tensor of(Tensor x) {
    Tensor y = Autograd.withoutRecording(() -> compute(x));
    return Autograd.record(y, new LogSoftmax(y), List.of(x), y);
  }

  private static Tensor compute(Tensor x) {
    try (Scope temporaries = Scope.local()) {
      Tensor shifted = x.sub(x.max(-1));
      return temporaries.keep(shifted.sub(shifted.exp().sum(-1).log()));
    }
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    return new Tensor[] {gradOut.sub(y.exp().mul(gradOut.sum(-1)))};
  }
}
