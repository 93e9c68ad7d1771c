package io.github.pix2pixzero.evaluation.network;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.VisionSizes;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Attention;

/**
 * One transformer layer of a {@code ViTModel}: self-attention and a feed-forward network, each
 * normalised before and beside a residual connection.
 */
final class DinoLayer {
  private final int heads;
  private final LayerNorm before;
  private final Linear toQuery;
  private final Linear toKey;
  private final Linear toValue;
  private final Linear toOut;
  private final LayerNorm after;
  private final Linear inner;
  private final Linear outer;

  DinoLayer(Weights weights, VisionSizes sizes) {
    int width = sizes.hiddenSize();
    Weights attention = weights.at("attention").at("attention");
    heads = sizes.numAttentionHeads();
    before = LayerNorm.load(weights.at("layernorm_before"), width, sizes.layerNormEps());
    toQuery = Linear.load(attention.at("query"), width, width);
    toKey = Linear.load(attention.at("key"), width, width);
    toValue = Linear.load(attention.at("value"), width, width);
    toOut = Linear.load(weights.at("attention").at("output").at("dense"), width, width);
    after = LayerNorm.load(weights.at("layernorm_after"), width, sizes.layerNormEps());
    inner = Linear.load(weights.at("intermediate").at("dense"), width, sizes.intermediateSize());
    outer = Linear.load(weights.at("output").at("dense"), sizes.intermediateSize(), width);
  }

  /** [batch, tokens, width] to the same. */
  Tensor forward(Tensor x) {
    try (Scope scope = Scope.local()) {
      Tensor normal = before.forward(x);
      Tensor attended =
          Attention.of(
              toQuery.forward(normal),
              toKey.forward(normal),
              toValue.forward(normal),
              heads,
              false);
      Tensor h = toOut.addTo(x, attended);
      return scope.keep(outer.addTo(h, inner.forward(after.forward(h)).gelu()));
    }
  }

  /** The keys of all heads, side by side: [batch, tokens, width]. */
  Tensor keys(Tensor x) {
    try (Scope scope = Scope.local()) {
      return scope.keep(toKey.forward(before.forward(x)));
    }
  }
}
