package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.AttentionSpec;
import java.util.List;

/**
 * The values of an attention layer, averaged with given probabilities; the heads side by side
 * again.
 */
public final class AttentionApply extends Op {
  private final AttentionSpec spec;
  private final Tensor probs;
  private final Tensor v;

  private AttentionApply(AttentionSpec spec, Tensor probs, Tensor v) {
    this.spec = spec;
    this.probs = probs;
    this.v = v;
  }

  /**
   * @param probs [batch, heads, queries, keys]
   * @param v [batch, keys, heads · headDim]
   * @return [batch, queries, heads · headDim]
   */
  public static Tensor of(Tensor probs, Tensor v) {
    checkArgument(
        probs.shape().rank() == 4
            && v.shape().rank() == 3
            && probs.dim(0) == v.dim(0)
            && probs.dim(3) == v.dim(1)
            && v.dim(2) % probs.dim(1) == 0,
        "probabilities %s do not apply to values %s",
        probs.shape(),
        v.shape());
    int heads = probs.dim(1);
    AttentionSpec spec =
        new AttentionSpec(
            probs.dim(0), heads, probs.dim(2), probs.dim(3), v.dim(2) / heads, 1f, false);
    Tensor out = Tensor.empty(v.backend(), Shape.of(v.dim(0), probs.dim(2), v.dim(2)));
    v.backend().attentionApply(spec, probs.storage(), v.storage(), out.storage());
    return Autograd.record(out, new AttentionApply(spec, probs, v), List.of(probs, v), probs, v);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    if (Autograd.isRecording(List.of(probs, v, gradOut))) {
      return Composed.backward(in -> define(spec, in[0], in[1]), gradOut, this::needs, probs, v);
    }
    Tensor gradProbs = Tensor.empty(v.backend(), probs.shape());
    Tensor gradV = needs(1) ? Tensor.empty(v.backend(), v.shape()) : null;
    v.backend()
        .attentionApplyBackward(
            spec,
            probs.storage(),
            v.storage(),
            gradOut.storage(),
            gradProbs.storage(),
            needs(1) ? gradV.storage() : null);
    return new Tensor[] {gradProbs, gradV};
  }

  /** The same, composed of operations. */
  static Tensor define(AttentionSpec spec, Tensor probs, Tensor v) {
    Tensor mixed = probs.matmul(Attention.splitHeads(spec, v));
    return mixed.permute(0, 2, 1, 3).reshape(spec.batch(), spec.queries(), spec.width());
  }
}
