package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * Backward passes that will be differentiated in turn, for operations that one kernel computes in
 * one go. Such a pass writes the operation as a composition of simpler ones and differentiates
 * that: more work and memory than the fused kernel, so it is taken only where {@link
 * Autograd#differentiableGrad} asks.
 */
final class Composed {
  private Composed() {}

  /**
   * The gradients of {@code Σ definition(inputs) · gradOut} with respect to the inputs, recorded.
   *
   * @param needed which gradients are wanted; the others are null
   */
  static Tensor[] backward(
      Function<Tensor[], Tensor> definition,
      Tensor gradOut,
      IntPredicate needed,
      Tensor... inputs) {
    Tensor[] seen = inputs.clone();
    List<Tensor> targets = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      if (needed.test(i)) {
        seen[i] = Proxy.of(inputs[i]);
        targets.add(seen[i]);
      }
    }
    Tensor loss = definition.apply(seen).mul(gradOut).sum();
    Tensor[] found = Autograd.differentiableGrad(loss, targets.toArray(Tensor[]::new));
    Tensor[] gradients = new Tensor[inputs.length];
    for (int i = 0, next = 0; i < inputs.length; i++) {
      gradients[i] = needed.test(i) ? found[next++] : null;
    }
    return gradients;
  }

  /**
   * The same tensor as a place of its own in the graph. One input may have been computed from
   * another; what is wanted here are the partial derivatives.
   */
  private static final class Proxy extends Op {
    static Tensor of(Tensor x) {
      return Autograd.record(x.view(x.shape()).variable(), new Proxy(), List.of(x));
    }

    @Override
    protected Tensor[] backward(Tensor gradOut) {
      return new Tensor[] {gradOut};
    }
  }
}
