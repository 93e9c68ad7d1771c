package io.github.pix2pixzero.benchmarks;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.ops.Attention;
import io.github.pix2pixzero.tensor.ops.AttentionApply;
import io.github.pix2pixzero.tensor.ops.AttentionProbs;
import java.util.function.Function;

/**
 * An {@link AttentionProblem} on one of our backends.
 *
 * @param q [1, queries, heads · headDim]
 * @param k [1, keys, heads · headDim]
 * @param v [1, keys, heads · headDim]
 * @param weights [1, queries, heads · headDim], of the loss
 */
public record OurAttention(Tensor q, Tensor k, Tensor v, Tensor weights, int heads) {

  public static OurAttention of(AttentionProblem problem, Backend backend) {
    return new OurAttention(
        Tensor.of(backend, problem.q, 1, problem.queries, problem.width()),
        Tensor.of(backend, problem.k, 1, problem.keys, problem.width()),
        Tensor.of(backend, problem.v, 1, problem.keys, problem.width()),
        Tensor.of(backend, problem.weights, 1, problem.queries, problem.width()),
        problem.heads);
  }

  /** The fused form. */
  public Tensor self() {
    return Attention.of(q, k, v, heads, false);
  }

  /** The form that keeps its probabilities. */
  public Tensor cross() {
    return AttentionApply.of(AttentionProbs.of(q, k, heads), v);
  }

  /** The gradients with respect to queries, keys and values. */
  public Tensor[] gradients(Function<OurAttention, Tensor> form) {
    OurAttention graph = new OurAttention(q.variable(), k.variable(), v.variable(), weights, heads);
    Tensor loss = form.apply(graph).mul(weights).sum();
    return Autograd.grad(loss, graph.q, graph.k, graph.v);
  }
}
