package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.List;

/** Layer normalisation over the last axis (Ba et al., 2016). */
public final class LayerNorm extends Op {
  private final float epsilon;
  private final Tensor x;
  private final Tensor gamma;
  private final Tensor beta;
  private final Tensor stats;

  private LayerNorm(float epsilon, Tensor x, Tensor gamma, Tensor beta, Tensor stats) {
    this.epsilon = epsilon;
    this.x = x;
    this.gamma = gamma;
    this.beta = beta;
    this.stats = stats;
  }

  /**
   * @param x […, width]
   * @param gamma [width]
   * @param beta [width]
   */
  public static Tensor of(Tensor x, Tensor gamma, Tensor beta, float epsilon) {
    int width = x.dim(-1);
    checkArgument(
        gamma.size() == width && beta.size() == width,
        "rows of %s do not normalise with gamma %s and beta %s",
        width,
        gamma.shape(),
        beta.shape());
    int rows = x.size() / width;
    Tensor out = Tensor.empty(x.backend(), x.shape());
    Tensor stats = Tensor.empty(x.backend(), Shape.of(rows, 2));
    x.backend()
        .layerNorm(
            rows,
            width,
            epsilon,
            x.storage(),
            gamma.storage(),
            beta.storage(),
            out.storage(),
            stats.storage());
    Op op = new LayerNorm(epsilon, x, gamma, beta, stats);
    return Autograd.record(out, op, List.of(x, gamma, beta), x, gamma, stats);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    if (Autograd.isRecording(List.of(x, gamma, beta, gradOut))) {
      return Composed.backward(this::define, gradOut, this::needs, x, gamma, beta);
    }
    int width = x.dim(-1);
    boolean parameters = needs(1) || needs(2);
    Tensor gradX = Tensor.empty(x.backend(), x.shape());
    Tensor gradGamma = parameters ? Tensor.empty(x.backend(), gamma.shape()) : null;
    Tensor gradBeta = parameters ? Tensor.empty(x.backend(), beta.shape()) : null;
    x.backend()
        .layerNormBackward(
            x.size() / width,
            width,
            x.storage(),
            gamma.storage(),
            stats.storage(),
            gradOut.storage(),
            gradX.storage(),
            parameters ? gradGamma.storage() : null,
            parameters ? gradBeta.storage() : null);
    return new Tensor[] {gradX, gradGamma, gradBeta};
  }

  private Tensor define(Tensor[] in) {
    Tensor centred = in[0].sub(in[0].mean(-1));
    Tensor normal = centred.mul(centred.square().mean(-1).add(epsilon).rsqrt());
    return normal.mul(in[1]).add(in[2]);
  }
}
