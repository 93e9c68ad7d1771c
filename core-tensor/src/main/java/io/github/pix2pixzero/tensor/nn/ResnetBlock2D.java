package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;

/**
 * Two normalised 3×3 convolutions beside a shortcut, as in diffusers' {@code ResnetBlock2D}; the
 * timestep embedding, where there is one, shifts the channels in between.
 */
public final class ResnetBlock2D {
  private final GroupNorm norm1;
  private final Conv2d conv1;
  private final Linear timeProjection;
  private final GroupNorm norm2;
  private final Conv2d conv2;
  private final Linear shortcut;

  /**
   * @param timeWidth width of the timestep embedding; 0 if the block takes none
   */
  public ResnetBlock2D(Weights weights, int in, int out, int timeWidth, int groups, float epsilon) {
    norm1 = GroupNorm.load(weights.at("norm1"), in, groups, epsilon);
    conv1 = Conv2d.load(weights.at("conv1"), in, out);
    timeProjection =
        timeWidth > 0 ? Linear.load(weights.at("time_emb_proj"), timeWidth, out) : null;
    norm2 = GroupNorm.load(weights.at("norm2"), out, groups, epsilon);
    conv2 = Conv2d.load(weights.at("conv2"), out, out);
    shortcut = in != out ? Linear.pointwise(weights.at("conv_shortcut"), in, out) : null;
  }

  /** For blocks without a timestep embedding. */
  public Tensor forward(Tensor x) {
    return forward(x, null);
  }

  /**
   * @param x [batch, height, width, in]
   * @param time SiLU of the timestep embedding, [1, timeWidth]
   * @return [batch, height, width, out]
   */
  public Tensor forward(Tensor x, Tensor time) {
    try (Scope scope = Scope.local()) {
      Conv2d first = timeProjection == null ? conv1 : conv1.shifted(timeProjection.forward(time));
      Tensor h = Scope.through(Scope.through(norm1.silu(x), first::forward), norm2::silu);
      Tensor residual = shortcut == null ? x : shortcut.forward(x);
      return scope.keep(conv2.addTo(residual, h));
    }
  }
}
