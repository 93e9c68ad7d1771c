package io.github.pix2pixzero.evaluation.network;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.io.JsonConfig;

/**
 * The sizes of a {@link DinoModel}, as transformers keeps those of a {@code ViTModel}.
 *
 * @param hiddenSize width of the hidden states
 * @param intermediateSize width inside the feed-forward networks
 * @param numHiddenLayers transformer layers
 * @param numAttentionHeads heads of every layer
 * @param imageSize side of the square pictures that the table of positions is for, in pixels
 * @param patchSize side of the square patches, in pixels
 * @param layerNormEps ε of every layer normalisation
 */
public record DinoConfig(
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int imageSize,
    int patchSize,
    float layerNormEps) {

  public DinoConfig {
    checkArgument(
        hiddenSize % numAttentionHeads == 0,
        "num_attention_heads is %s, which does not divide hidden_size %s",
        numAttentionHeads,
        hiddenSize);
    checkArgument(
        patchSize >= 1 && imageSize >= patchSize,
        "patches of %s pixels do not fit pictures of %s",
        patchSize,
        imageSize);
  }

  /**
   * Reads {@code config.json}; what it does not say is as in ViT-B/16, transformers' default.
   *
   * @throws IllegalArgumentException naming the file, the key and what is supported, if a value
   *     asks for something other than DINO's vision transformer
   */
  public static DinoConfig from(JsonConfig json) {
    if (json.getInt("num_channels", 3) != 3) {
      throw json.unsupported("num_channels", "3");
    }
    if (!json.getString("hidden_act", "gelu").equals("gelu")) {
      throw json.unsupported("hidden_act", "gelu");
    }
    if (!json.getBoolean("qkv_bias", true)) {
      throw json.unsupported("qkv_bias", "true");
    }
    return new DinoConfig(
        json.getInt("hidden_size", 768),
        json.getInt("intermediate_size", 3072),
        json.getInt("num_hidden_layers", 12),
        json.getInt("num_attention_heads", 12),
        json.getInt("image_size", 224),
        json.getInt("patch_size", 16),
        (float) json.getDouble("layer_norm_eps", 1e-12));
  }

  /** Patches along a side of the picture that the table of positions is for. */
  int grid() {
    return imageSize / patchSize;
  }
}
