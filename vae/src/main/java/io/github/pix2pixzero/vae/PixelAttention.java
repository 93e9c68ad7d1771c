package io.github.pix2pixzero.vae;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.GroupNorm;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Attention;

/** Self-attention of all pixels with a single head, beside a residual connection. */
final class PixelAttention {
  private final GroupNorm groupNorm;
  private final Linear toQuery;
  private final Linear toKey;
  private final Linear toValue;
  private final Linear toOut;

  PixelAttention(Weights weights, int width, int groups) {
    groupNorm = GroupNorm.load(weights.at("group_norm"), width, groups, AutoencoderKL.EPSILON);
    // Names of early diffusers versions, which saved Stable Diffusion 1.x.
    boolean old = weights.has("query.weight");
    toQuery = Linear.load(weights.at(old ? "query" : "to_q"), width, width);
    toKey = Linear.load(weights.at(old ? "key" : "to_k"), width, width);
    toValue = Linear.load(weights.at(old ? "value" : "to_v"), width, width);
    toOut = Linear.load(old ? weights.at("proj_attn") : weights.at("to_out").at(0), width, width);
  }

  /** [batch, height, width, channels] to the same. */
  Tensor forward(Tensor x) {
    try (Scope scope = Scope.local()) {
      Tensor h = groupNorm.forward(x).reshape(x.dim(0), -1, x.dim(3)); // [batch, pixels, channels]
      Tensor mixed =
          Attention.of(toQuery.forward(h), toKey.forward(h), toValue.forward(h), 1, false);
      Tensor residual = x.reshape(mixed.shape().toArray());
      return scope.keep(toOut.addTo(residual, mixed).reshape(x.shape().toArray()));
    }
  }
}
