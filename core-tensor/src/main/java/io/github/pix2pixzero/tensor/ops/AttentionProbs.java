package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import java.util.List;

/**
 * The probabilities softmax(q · kᵀ / √headDim) of an attention layer, kept, for whoever wants to
 * watch, replace or differentiate them. {@link AttentionApply} completes the layer.
 */
public final class AttentionProbs extends Op {
  private final AttentionSpec spec;
  private final Tensor q;
  private final Tensor k;
  private final Tensor probs;

  private AttentionProbs(AttentionSpec spec, Tensor q, Tensor k, Tensor probs) {
    this.spec = spec;
    this.q = q;
    this.k = k;
    this.probs = probs;
  }

  /**
   * @param q [batch, queries, heads · headDim]
   * @param k [batch, keys, heads · headDim]
   * @return [batch, heads, queries, keys]; each row sums to 1
   */
  public static Tensor of(Tensor q, Tensor k, int heads) {
    AttentionSpec spec = Attention.spec(q, k, heads, false);
    Tensor probs =
        Tensor.empty(
            q.backend(), Shape.of(spec.batch(), spec.heads(), spec.queries(), spec.keys()));
    q.backend().attentionProbs(spec, q.storage(), k.storage(), probs.storage());
    Op op = new AttentionProbs(spec, q, k, probs);
    return Autograd.record(probs, op, List.of(q, k), q, k, probs);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    Tensor gradQ = Tensor.empty(q.backend(), q.shape());
    Tensor gradK = needs(1) ? Tensor.empty(q.backend(), k.shape()) : null;
    q.backend()
        .attentionProbsBackward(
            spec,
            q.storage(),
            k.storage(),
            probs.storage(),
            gradOut.storage(),
            gradQ.storage(),
            needs(1) ? gradK.storage() : null);
    return FirstOrder.all(List.of(q, k, gradOut), gradQ, gradK);
  }
}
