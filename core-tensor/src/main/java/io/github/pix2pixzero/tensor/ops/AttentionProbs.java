package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import io.github.pix2pixzero.tensor.backend.Backend;
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
    if (Autograd.isRecording(List.of(q, k, gradOut))) {
      return Composed.backward(in -> define(spec, in[0], in[1]), gradOut, this::needs, q, k);
    }
    return fused(gradOut, null);
  }

  /** Of a loss on the probabilities and of the layer they are applied in. */
  @Override
  protected Tensor[] backward(Tensor gradOut, Tensor more) {
    return Autograd.isRecording(List.of(q, k, gradOut, more))
        ? super.backward(gradOut, more)
        : fused(gradOut, more);
  }

  private Tensor[] fused(Tensor gradOut, Tensor more) {
    Tensor gradQ = Tensor.empty(q.backend(), q.shape());
    Tensor gradK = needs(1) ? Tensor.empty(q.backend(), k.shape()) : null;
    q.backend()
        .attentionProbsBackward(
            spec,
            q.storage(),
            k.storage(),
            probs.storage(),
            gradOut.storage(),
            more == null ? null : more.storage(),
            gradQ.storage(),
            needs(1) ? gradK.storage() : null);
    return new Tensor[] {gradQ, gradK};
  }

  /** The same, composed of operations, for any spec. */
  static Tensor define(AttentionSpec spec, Tensor q, Tensor k) {
    Tensor queries = Attention.splitHeads(spec, q);
    Tensor scores = Matmul.of(queries, Attention.splitHeads(spec, k), false, true);
    scores = scores.mul(spec.scale());
    return (spec.causal() ? scores.add(hidden(spec, q.backend())) : scores).softmax();
  }

  /** [queries, keys]: 0 where a query sees a key, and so low elsewhere that nothing is left. */
  private static Tensor hidden(AttentionSpec spec, Backend backend) {
    float[] mask = new float[spec.queries() * spec.keys()];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % spec.keys() > i / spec.keys() ? -1e30f : 0f;
    }
    return Tensor.of(backend, mask, spec.queries(), spec.keys());
  }
}
