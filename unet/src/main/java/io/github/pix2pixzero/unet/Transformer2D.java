package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.GroupNorm;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.unet.AttentionSite.Kind;
import io.github.pix2pixzero.unet.AttentionSite.Stage;
import java.util.function.Consumer;

/**
 * A transformer block over the pixels of a picture, between two projections, as in diffusers'
 * {@code Transformer2DModel}. Channels-last, a projection is a matrix product whether it is stored
 * as a linear layer (SD 2.x) or as a 1×1 convolution (SD 1.x).
 */
final class Transformer2D {
  private static final float EPSILON = 1e-6f;

  private final GroupNorm norm;
  private final Linear projIn;
  private final TransformerBlock block;
  private final Linear projOut;

  /**
   * @param name dotted name of this layer, for its sites
   * @param level resolution, 0 the finest
   * @param sites told of every site in the order they are asked
   */
  Transformer2D(
      Weights weights,
      UNetConfig config,
      String name,
      Stage stage,
      int level,
      Consumer<AttentionSite> sites) {
    int width = config.blockChannels().get(level);
    int heads = config.heads().get(level);
    String block = name + ".transformer_blocks.0";
    AttentionSite self = new AttentionSite(block + ".attn1", stage, 1 << level, heads, Kind.SELF);
    AttentionSite cross = new AttentionSite(block + ".attn2", stage, 1 << level, heads, Kind.CROSS);
    sites.accept(self);
    sites.accept(cross);
    norm = GroupNorm.load(weights.at("norm"), width, config.normGroups(), EPSILON);
    projIn = projection(weights.at("proj_in"), width, config);
    this.block =
        new TransformerBlock(
            weights.at("transformer_blocks").at(0), self, cross, width, config.contextWidth());
    projOut = projection(weights.at("proj_out"), width, config);
  }

  private static Linear projection(Weights weights, int width, UNetConfig config) {
    return config.linearProjection()
        ? Linear.load(weights, width, width)
        : Linear.pointwise(weights, width, width);
  }

  /**
   * @param x [batch, height, width, channels]
   */
  Tensor forward(Tensor x, Conditions conditions) {
    try (Scope scope = Scope.local()) {
      int[] flat = {x.dim(0), x.dim(1) * x.dim(2), x.dim(3)};
      Tensor tokens = projIn.forward(norm.forward(x).reshape(flat));
      tokens = projOut.addTo(x.reshape(flat), block.forward(tokens, conditions));
      return scope.keep(tokens.reshape(x.shape().toArray()));
    }
  }
}
