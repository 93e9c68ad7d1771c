package io.github.pix2pixzero.clip;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Activate;
import io.github.pix2pixzero.tensor.ops.Attention;

/**
 * One transformer layer of either tower: self-attention, causal in text, and a feed-forward
 * network, each normalised before and beside a residual connection.
 */
final class ClipEncoderLayer {
  private final int heads;
  private final boolean causal;
  private final LayerNorm layerNorm1;
  private final Linear toQuery;
  private final Linear toKey;
  private final Linear toValue;
  private final Linear toOut;
  private final LayerNorm layerNorm2;
  private final Linear fc1;
  private final Unary activation;
  private final Linear fc2;

  ClipEncoderLayer(Weights weights, ClipTextConfig config) {
    this(
        weights,
        config.hiddenSize(),
        config.intermediateSize(),
        config.numAttentionHeads(),
        config.layerNormEps(),
        config.hiddenAct(),
        true);
  }

  ClipEncoderLayer(Weights weights, ClipVisionConfig config) {
    this(
        weights,
        config.sizes().hiddenSize(),
        config.sizes().intermediateSize(),
        config.sizes().numAttentionHeads(),
        config.sizes().layerNormEps(),
        config.hiddenAct(),
        false);
  }

  private ClipEncoderLayer(
      Weights weights,
      int width,
      int inner,
      int heads,
      float epsilon,
      Unary activation,
      boolean causal) {
    Weights attention = weights.at("self_attn");
    Weights mlp = weights.at("mlp");
    this.heads = heads;
    this.causal = causal;
    this.activation = activation;
    layerNorm1 = LayerNorm.load(weights.at("layer_norm1"), width, epsilon);
    toQuery = Linear.load(attention.at("q_proj"), width, width);
    toKey = Linear.load(attention.at("k_proj"), width, width);
    toValue = Linear.load(attention.at("v_proj"), width, width);
    toOut = Linear.load(attention.at("out_proj"), width, width);
    layerNorm2 = LayerNorm.load(weights.at("layer_norm2"), width, epsilon);
    fc1 = Linear.load(mlp.at("fc1"), width, inner);
    fc2 = Linear.load(mlp.at("fc2"), inner, width);
  }

  /** [batch, tokens, width] to the same. */
  Tensor forward(Tensor x) {
    try (Scope scope = Scope.local()) {
      Tensor h = toOut.addTo(x, attend(layerNorm1.forward(x)));
      Tensor inner = Activate.of(activation, fc1.forward(layerNorm2.forward(h)));
      return scope.keep(fc2.addTo(h, inner));
    }
  }

  private Tensor attend(Tensor h) {
    return Attention.of(toQuery.forward(h), toKey.forward(h), toValue.forward(h), heads, causal);
  }
}
