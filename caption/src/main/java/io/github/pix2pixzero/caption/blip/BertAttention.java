package io.github.pix2pixzero.caption.blip;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Attention;

/**
 * BERT's attention (Devlin et al., 2018), normalised after its residual connection. Keys and values
 * come from outside, so that they can be kept.
 */
final class BertAttention {
  private final int heads;
  private final Linear toQuery;
  private final Linear toKey;
  private final Linear toValue;
  private final Linear toOut;
  private final LayerNorm layerNorm;

  /**
   * @param contextWidth width of what keys and values are made of
   */
  BertAttention(Weights weights, BlipTextConfig config, int contextWidth) {
    int width = config.hiddenSize();
    Weights self = weights.at("self");
    Weights output = weights.at("output");
    heads = config.numAttentionHeads();
    toQuery = Linear.load(self.at("query"), width, width);
    toKey = Linear.load(self.at("key"), contextWidth, width);
    toValue = Linear.load(self.at("value"), contextWidth, width);
    toOut = Linear.load(output.at("dense"), width, width);
    layerNorm = LayerNorm.load(output.at("LayerNorm"), width, config.layerNormEps());
  }

  /** [batch, tokens, contextWidth] to [batch, tokens, width]. */
  Tensor keys(Tensor context) {
    return toKey.forward(context);
  }

  /** [batch, tokens, contextWidth] to [batch, tokens, width]. */
  Tensor values(Tensor context) {
    return toValue.forward(context);
  }

  /**
   * [batch, tokens, width] to the same.
   *
   * @param keys [batch, keys, width]
   * @param values [batch, keys, width]
   * @param causal token i sees the keys 0 … i only
   */
  Tensor forward(Tensor h, Tensor keys, Tensor values, boolean causal) {
    Tensor attended = Attention.of(toQuery.forward(h), keys, values, heads, causal);
    return layerNorm.forward(toOut.addTo(h, attended));
  }
}
