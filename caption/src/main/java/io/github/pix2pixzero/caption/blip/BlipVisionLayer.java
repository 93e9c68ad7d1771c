package io.github.pix2pixzero.caption.blip;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.VisionSizes;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Attention;

/**
 * One transformer layer of a ViT: self-attention and a feed-forward network, each normalised before
 * and beside a residual connection.
 */
final class BlipVisionLayer {
  private final int width;
  private final int heads;
  private final LayerNorm layerNorm1;
  private final Linear toQueryKeyValue;
  private final Linear projection;
  private final LayerNorm layerNorm2;
  private final Linear fc1;
  private final Linear fc2;

  BlipVisionLayer(Weights weights, VisionSizes sizes) {
    width = sizes.hiddenSize();
    heads = sizes.numAttentionHeads();
    int inner = sizes.intermediateSize();
    layerNorm1 = LayerNorm.load(weights.at("layer_norm1"), width, sizes.layerNormEps());
    toQueryKeyValue = Linear.load(weights.at("self_attn").at("qkv"), width, 3 * width);
    projection = Linear.load(weights.at("self_attn").at("projection"), width, width);
    layerNorm2 = LayerNorm.load(weights.at("layer_norm2"), width, sizes.layerNormEps());
    fc1 = Linear.load(weights.at("mlp").at("fc1"), width, inner);
    fc2 = Linear.load(weights.at("mlp").at("fc2"), inner, width);
  }

  /** [batch, tokens, width] to the same. */
  Tensor forward(Tensor x) {
    try (Scope scope = Scope.local()) {
      Tensor h = projection.addTo(x, attend(layerNorm1.forward(x)));
      Tensor inner = fc1.forward(layerNorm2.forward(h)).gelu();
      return scope.keep(fc2.addTo(h, inner));
    }
  }

  private Tensor attend(Tensor h) {
    Tensor joined = toQueryKeyValue.forward(h);
    return Attention.of(
        joined.slice(2, 0, width),
        joined.slice(2, width, 2 * width),
        joined.slice(2, 2 * width, 3 * width),
        heads,
        false);
  }
}
