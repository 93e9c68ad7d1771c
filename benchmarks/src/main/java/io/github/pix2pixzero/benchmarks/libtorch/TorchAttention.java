package io.github.pix2pixzero.benchmarks.libtorch;

import io.github.pix2pixzero.benchmarks.Agreement;
import io.github.pix2pixzero.benchmarks.AttentionProblem;
import io.github.pix2pixzero.benchmarks.OurAttention;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * An {@link AttentionProblem} in libtorch. Queries, keys and values have our layout, [1, tokens,
 * heads · headDim], and so has the result, as between the linear layers of diffusers.
 */
final class TorchAttention {
  private final AttentionProblem problem;
  private final Tensor q;
  private final Tensor k;
  private final Tensor v;
  private final Tensor weights;

  private TorchAttention(AttentionProblem problem, boolean differentiable) {
    this.problem = problem;
    q = Libtorch.tensor(problem.q, 1, problem.queries, problem.width());
    k = Libtorch.tensor(problem.k, 1, problem.keys, problem.width());
    v = Libtorch.tensor(problem.v, 1, problem.keys, problem.width());
    weights = Libtorch.tensor(problem.weights, 1, problem.queries, problem.width());
    q.set_requires_grad(differentiable);
    k.set_requires_grad(differentiable);
    v.set_requires_grad(differentiable);
  }

  /** Operands that libtorch records nothing of. */
  static TorchAttention constant(AttentionProblem problem) {
    return new TorchAttention(problem, false);
  }

  /** Operands to be differentiated with respect to. */
  static TorchAttention differentiable(AttentionProblem problem) {
    return new TorchAttention(problem, true);
  }

  /** The fused form. */
  Tensor self() {
    return merge(torch.scaled_dot_product_attention(split(q), split(k), split(v)));
  }

  /** The form that keeps its probabilities. */
  Tensor cross() {
    Tensor scores = split(q).mul(new Scalar(1 / Math.sqrt(problem.headDim)));
    Tensor probs = torch.softmax(scores.matmul(split(k).transpose(-2, -1)), -1);
    return merge(probs.matmul(split(v)));
  }

  /** The gradients with respect to queries, keys and values. */
  TensorVector gradients(Function<TorchAttention, Tensor> form) {
    Tensor loss = form.apply(this).mul(weights).sum();
    return torch.grad(new TensorVector(loss), new TensorVector(q, k, v));
  }

  /** Compares result and gradients with ours. */
  static void checkAgreement(
      AttentionProblem problem,
      Function<TorchAttention, Tensor> theirForm,
      Function<OurAttention, io.github.pix2pixzero.tensor.Tensor> ourForm) {
    OurAttention ours = OurAttention.of(problem, Backends.best(problem.threads));
    TorchAttention theirs = differentiable(problem);
    try (PointerScope pointers = new PointerScope();
        Scope scope = Scope.open()) {
      Agreement.check(
          "attention",
          ourForm.apply(ours).toFloats(),
          Libtorch.toFloats(theirForm.apply(theirs).detach()));
      io.github.pix2pixzero.tensor.Tensor[] ourGradients = ours.gradients(ourForm);
      TensorVector theirGradients = theirs.gradients(theirForm);
      for (int i = 0; i < ourGradients.length; i++) {
        Agreement.check(
            "gradient " + i + " of attention",
            ourGradients[i].toFloats(),
            Libtorch.toFloats(theirGradients.get(i)));
      }
    }
  }

  /** [1, tokens, heads · headDim] as [1, heads, tokens, headDim], without a copy. */
  private Tensor split(Tensor x) {
    return x.view(1, x.size(1), problem.heads, problem.headDim).transpose(1, 2);
  }

  /** Undoes {@link #split}. */
  private Tensor merge(Tensor x) {
    return x.transpose(1, 2).reshape(1, x.size(2), problem.width());
  }
}
