package io.github.pix2pixzero.tensor.ops;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Op;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.GroupNormSpec;
import java.util.List;

/**
 * Group normalisation (Wu and He, 2018) over channels-last data, followed by SiLU where asked, in
 * one kernel since they always come together in diffusion models.
 */
public final class GroupNorm extends Op {
  private final GroupNormSpec spec;
  private final Tensor x;
  private final Tensor gamma;
  private final Tensor beta;
  private final Tensor stats;

  private GroupNorm(GroupNormSpec spec, Tensor x, Tensor gamma, Tensor beta, Tensor stats) {
    this.spec = spec;
    this.x = x;
    this.gamma = gamma;
    this.beta = beta;
    this.stats = stats;
  }

  /**
   * @param x [batch, …, channels]
   * @param gamma [channels]
   * @param beta [channels]
   * @throws IllegalArgumentException if the groups do not divide the channels
   */
  public static Tensor of(
      Tensor x, Tensor gamma, Tensor beta, int groups, float epsilon, boolean silu) {
    int channels = x.dim(-1);
    checkArgument(
        channels % groups == 0 && gamma.size() == channels && beta.size() == channels,
        "%s channels do not normalise in %s groups with gamma %s and beta %s",
        channels,
        groups,
        gamma.shape(),
        beta.shape());
    int batch = x.dim(0);
    GroupNormSpec spec =
        new GroupNormSpec(batch, x.size() / batch / channels, channels, groups, epsilon, silu);
    Tensor out = Tensor.empty(x.backend(), x.shape());
    Tensor stats = Tensor.empty(x.backend(), Shape.of(batch, groups, 2));
    x.backend()
        .groupNorm(
            spec, x.storage(), gamma.storage(), beta.storage(), out.storage(), stats.storage());
    Op op = new GroupNorm(spec, x, gamma, beta, stats);
    return Autograd.record(out, op, List.of(x, gamma, beta), x, gamma, beta, stats);
  }

  @Override
  protected Tensor[] backward(Tensor gradOut) {
    if (Autograd.isRecording(List.of(x, gamma, beta, gradOut))) {
      return Composed.backward(this::define, gradOut, this::needs, x, gamma, beta);
    }
    boolean parameters = needs(1) || needs(2);
    Tensor gradX = Tensor.empty(x.backend(), x.shape());
    Tensor gradGamma = parameters ? Tensor.empty(x.backend(), gamma.shape()) : null;
    Tensor gradBeta = parameters ? Tensor.empty(x.backend(), beta.shape()) : null;
    x.backend()
        .groupNormBackward(
            spec,
            x.storage(),
            gamma.storage(),
            beta.storage(),
            stats.storage(),
            gradOut.storage(),
            gradX.storage(),
            parameters ? gradGamma.storage() : null,
            parameters ? gradBeta.storage() : null);
    return new Tensor[] {gradX, gradGamma, gradBeta};
  }

  private Tensor define(Tensor[] in) {
    Tensor grouped =
        in[0].reshape(spec.batch(), spec.pixels(), spec.groups(), spec.groupChannels());
    Tensor centred = grouped.sub(grouped.mean(1, 3));
    Tensor normal = centred.mul(centred.square().mean(1, 3).add(spec.epsilon()).rsqrt());
    Tensor out = normal.reshape(x.shape().toArray()).mul(in[1]).add(in[2]);
    return spec.silu() ? out.silu() : out;
  }
}
