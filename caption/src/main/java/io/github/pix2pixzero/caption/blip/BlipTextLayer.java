package io.github.pix2pixzero.caption.blip;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;

/**
 * One transformer layer: attention to the words so far, to the picture, and a feed-forward network,
 * each normalised after its residual connection.
 */
final class BlipTextLayer {
  private final BertAttention attention;
  private final BertAttention crossAttention;
  private final Linear intermediate;
  private final Linear output;
  private final LayerNorm layerNorm;

  BlipTextLayer(Weights weights, BlipTextConfig config) {
    int width = config.hiddenSize();
    int inner = config.intermediateSize();
    attention = new BertAttention(weights.at("attention"), config, width);
    crossAttention =
        new BertAttention(weights.at("crossattention"), config, config.encoderHiddenSize());
    intermediate = Linear.load(weights.at("intermediate").at("dense"), width, inner);
    output = Linear.load(weights.at("output").at("dense"), inner, width);
    layerNorm = LayerNorm.load(weights.at("output").at("LayerNorm"), width, config.layerNormEps());
  }

  /**
   * What this layer attends to of a picture.
   *
   * @param picture [1, tokens, encoderHiddenSize]
   * @param scope what is remembered lives in it
   */
  LayerMemory look(Tensor picture, Scope scope) {
    return new LayerMemory(crossAttention.keys(picture), crossAttention.values(picture), scope);
  }

  /**
   * [sentences, tokens, width] to the same.
   *
   * @param memory of the picture, and of the sentences' earlier tokens; these tokens are added
   */
  Tensor forward(Tensor x, LayerMemory memory) {
    try (Scope scope = Scope.local()) {
      boolean first = memory.length() == 0;
      memory.append(attention.keys(x), attention.values(x));
      Tensor h = attention.forward(x, memory.keys(), memory.values(), first);
      // Nothing orders these queries: those of all sentences go to the one picture together.
      h = h.reshape(1, -1, h.dim(2));
      h = crossAttention.forward(h, memory.pictureKeys(), memory.pictureValues(), false);
      h = layerNorm.forward(output.addTo(h, intermediate.forward(h).gelu()));
      return scope.keep(h.reshape(x.shape().toArray()));
    }
  }
}
