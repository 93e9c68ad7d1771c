package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.io.JsonConfig;

/**
 * The sizes of a {@link ClipVisionModel}, as transformers keeps them in {@code vision_config} of
 * CLIP's {@code config.json}.
 *
 * @param hiddenSize width of the hidden states
 * @param intermediateSize width inside the feed-forward networks
 * @param numHiddenLayers transformer layers
 * @param numAttentionHeads heads of every layer
 * @param imageSize side of the square pictures, in pixels
 * @param patchSize side of the square patches, in pixels
 * @param layerNormEps ε of every layer normalisation
 * @param hiddenAct function inside the feed-forward networks
 */
public record ClipVisionConfig(
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int imageSize,
    int patchSize,
    float layerNormEps,
    Unary hiddenAct) {

  public ClipVisionConfig {
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
   * Reads {@code vision_config}; what it does not say is as in ViT-B/32, transformers' default.
   *
   * @throws IllegalArgumentException naming the file, the key and what is supported, if a value
   *     asks for something other than CLIP's vision transformer
   */
  public static ClipVisionConfig from(JsonConfig json) {
    if (json.getInt("num_channels", 3) != 3) {
      throw json.unsupported("num_channels", "3");
    }
    return new ClipVisionConfig(
        json.getInt("hidden_size", 768),
        json.getInt("intermediate_size", 3072),
        json.getInt("num_hidden_layers", 12),
        json.getInt("num_attention_heads", 12),
        json.getInt("image_size", 224),
        json.getInt("patch_size", 32),
        (float) json.getDouble("layer_norm_eps", 1e-5),
        ClipTextConfig.hiddenAct(json));
  }

  /** Patches along a side of a picture. */
  public int grid() {
    return imageSize / patchSize;
  }
}
