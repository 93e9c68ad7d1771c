package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;

/**
 * Self-attention, cross-attention and a gated feed-forward layer, each normalised before and added
 * after.
 */
final class TransformerBlock {
  private static final float EPSILON = 1e-5f;

  private final LayerNorm norm1;
  private final AttentionLayer attn1;
  private final LayerNorm norm2;
  private final AttentionLayer attn2;
  private final LayerNorm norm3;
  private final Linear gate;
  private final Linear out;

  TransformerBlock(
      Weights weights, AttentionSite self, AttentionSite cross, int width, int contextWidth) {
    norm1 = LayerNorm.load(weights.at("norm1"), width, EPSILON);
    attn1 = new AttentionLayer(weights.at("attn1"), self, width, width);
    norm2 = LayerNorm.load(weights.at("norm2"), width, EPSILON);
    attn2 = new AttentionLayer(weights.at("attn2"), cross, width, contextWidth);
    norm3 = LayerNorm.load(weights.at("norm3"), width, EPSILON);
    Weights net = weights.at("ff").at("net");
    gate = Linear.load(net.at(0).at("proj"), width, 8 * width);
    out = Linear.load(net.at(2), 4 * width, width);
  }

  /**
   * @param x [batch, pixels, width]
   */
  Tensor forward(Tensor x, Conditions conditions) {
    AttentionControl control = conditions.control();
    TextContext context = conditions.context();
    Tensor tokens = norm1.forward(x);
    x = attn1.addTo(x, tokens, attn1.project(tokens), control, context.rows());
    x = attn2.addTo(x, norm2.forward(x), context.of(attn2), control, context.rows());
    return out.addTo(x, gate.geglu(norm3.forward(x)));
  }
}
