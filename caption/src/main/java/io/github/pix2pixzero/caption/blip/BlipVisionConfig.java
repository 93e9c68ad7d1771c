package io.github.pix2pixzero.caption.blip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.io.JsonConfig;

/**
 * The sizes of a {@link BlipVisionModel}, as transformers keeps them under {@code vision_config}.
 *
 * @param imageSize pixels along the side of the pictures it was trained on
 * @param patchSize pixels along the side of what becomes a token
 * @param hiddenSize width of the hidden states
 * @param intermediateSize width inside the feed-forward networks
 * @param numHiddenLayers transformer layers
 * @param numAttentionHeads heads of every layer
 * @param layerNormEps ε of every layer normalisation
 */
public record BlipVisionConfig(
    int imageSize,
    int patchSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    float layerNormEps) {

  public BlipVisionConfig {
    checkArgument(
        patchSize > 0 && imageSize >= patchSize,
        "image_size is %s, patch_size %s; expected at least one patch",
        imageSize,
        patchSize);
    BlipTextConfig.checkHeads(hiddenSize, numAttentionHeads);
  }

  /**
   * Reads {@code vision_config}; what is absent is as in the base model.
   *
   * @throws IllegalArgumentException naming the file and the key, if a value is no number or asks
   *     for something other than BLIP
   */
  public static BlipVisionConfig from(JsonConfig json) {
    BlipTextConfig.checkActivation(json);
    return new BlipVisionConfig(
        json.getInt("image_size", 384),
        json.getInt("patch_size", 16),
        json.getInt("hidden_size", 768),
        json.getInt("intermediate_size", 3072),
        json.getInt("num_hidden_layers", 12),
        json.getInt("num_attention_heads", 12),
        (float) json.getDouble("layer_norm_eps", 1e-5));
  }

  /** Patches along the side of a picture of {@link #imageSize}. */
  public int grid() {
    return imageSize / patchSize;
  }
}
