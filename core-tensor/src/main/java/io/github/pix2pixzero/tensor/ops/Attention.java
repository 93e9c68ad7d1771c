package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import java.util.List;

/**
 * Multi-head scaled dot-product attention (Vaswani et al., 2017) whose probabilities are never
 * stored; the backward pass recomputes them from the logarithms of the softmax sums (Dao et al.,
 * 2022).
 */
public final class Attention extends Op {
  private final AttentionSpec spec;
  private final Tensor q;
  private final Tensor k;
  private final Tensor v;
  private final Tensor out;
  private final Tensor logSumExp;

  private Attention(
      AttentionSpec spec, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp) {
    this.spec = spec;
    this.q = q;
    this.k = k;
    this.v = v;
    this.out = out;
    this.logSumExp = logSumExp;
  }

  /**
   * @param q [batch, queries, heads · headDim]
   * @param k [batch, keys, heads · headDim]
   * @param v [batch, keys, heads · headDim]
   * @param causal query i sees the keys 0 … i only
   * @return [batch, queries, heads · headDim]
   */
  public static Tensor of(Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
    AttentionSpec spec = spec(q, k, heads, causal);
    checkArgument(v.shape().equals(k.shape()), "keys %s, values %s", k.shape(), v.shape());
    Tensor out = Tensor.empty(q.backend(), q.shape());
    Tensor logSumExp =
        Tensor.empty(q.backend(), Shape.of(spec.batch(), spec.heads(), spec.queries()));
    q.backend()
        .attention(spec, q.storage(), k.storage(), v.storage(), out.storage(), logSumExp.storage());
    Op op = new Attention(spec, q, k, v, out, logSumExp);
    return Autograd.record(out, op, List.of(q, k, v), q, k, v, out, logSumExp);
  }

  /** The sizes of an attention layer, with the usual scale 1 / √headDim. */
  static AttentionSpec spec(Tensor q, Tensor k, int heads, boolean causal) {
    checkArgument(
        q.shape().rank() == 3
            && k.shape().rank() == 3
            && q.dim(0) == k.dim(0)
            && q.dim(2) == k.dim(2)
            && q.dim(2) % heads == 0,
        "queries %s do not attend to keys %s with %s heads",
        q.shape(),
        k.shape(),
        heads);
    int headDim = q.dim(2) / heads;
    float scale = (float) (1 / Math.sqrt(headDim));
    return new AttentionSpec(q.dim(0), heads, q.dim(1), k.dim(1), headDim, scale, causal);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    if (Autograd.isRecording(List.of(q, k, v, gradOut))) {
      return Composed.backward(
          in -> {
            Tensor probs = AttentionProbs.define(spec, in[0], in[1]);
            return AttentionApply.define(spec, probs, in[2]);
          },
          gradOut,
          this::needs,
          q,
          k,
          v);
    }
    boolean context = needs(1) || needs(2);
    Tensor gradQ = Tensor.empty(q.backend(), q.shape());
    Tensor gradK = context ? Tensor.empty(q.backend(), k.shape()) : null;
    Tensor gradV = context ? Tensor.empty(q.backend(), v.shape()) : null;
    q.backend()
        .attentionBackward(
            spec,
            q.storage(),
            k.storage(),
            v.storage(),
            out.storage(),
            logSumExp.storage(),
            gradOut.storage(),
            gradQ.storage(),
            context ? gradK.storage() : null,
            context ? gradV.storage() : null);
    return new Tensor[] {gradQ, gradK, gradV};
  }

  /** [batch, tokens, heads · headDim] as [batch, heads, tokens, headDim]. */
  static Tensor splitHeads(AttentionSpec spec, Tensor x) {
    return x.reshape(spec.batch(), -1, spec.heads(), spec.headDim()).permute(0, 2, 1, 3);
  }
}
