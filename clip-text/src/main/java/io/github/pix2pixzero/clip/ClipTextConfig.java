package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.io.JsonConfig;

/**
 * The sizes of a {@link ClipTextModel}, as transformers keeps them in {@code
 * text_encoder/config.json}.
 *
 * @param vocabSize rows of the token embedding
 * @param hiddenSize width of the hidden states
 * @param intermediateSize width inside the feed-forward networks
 * @param numHiddenLayers transformer layers
 * @param numAttentionHeads heads of every layer
 * @param maxPositionEmbeddings tokens of the longest sequence
 * @param layerNormEps ε of every layer normalisation
 * @param hiddenAct function inside the feed-forward networks
 */
public record ClipTextConfig(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int maxPositionEmbeddings,
    float layerNormEps,
    Unary hiddenAct) {

  public ClipTextConfig {
    checkArgument(
        hiddenSize % numAttentionHeads == 0,
        "num_attention_heads is %s, which does not divide hidden_size %s",
        numAttentionHeads,
        hiddenSize);
  }

  /**
   * Reads {@code text_encoder/config.json}.
   *
   * @throws IllegalArgumentException naming the file, the key and what is supported, if a value is
   *     missing or asks for something other than CLIP's text transformer
   */
  public static ClipTextConfig from(JsonConfig json) {
    return new ClipTextConfig(
        json.getInt("vocab_size"),
        json.getInt("hidden_size"),
        json.getInt("intermediate_size"),
        json.getInt("num_hidden_layers"),
        json.getInt("num_attention_heads"),
        json.getInt("max_position_embeddings", 77),
        (float) json.getDouble("layer_norm_eps", 1e-5),
        hiddenAct(json));
  }

  /** The function inside CLIP's feed-forward networks. */
  static Unary hiddenAct(JsonConfig json) {
    return switch (json.getString("hidden_act", "quick_gelu")) {
      case "quick_gelu" -> Unary.QUICK_GELU;
      case "gelu" -> Unary.GELU;
      default -> throw json.unsupported("hidden_act", "quick_gelu, gelu");
    };
  }
}
