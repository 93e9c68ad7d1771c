package io.github.pix2pixzero.tensor.nn;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.io.JsonConfig;

/**
 * The sizes of a vision transformer over square patches (Dosovitskiy et al., 2021), under the names
 * of transformers' configs.
 *
 * @param hiddenSize width of the hidden states
 * @param intermediateSize width inside the feed-forward networks
 * @param numHiddenLayers transformer layers
 * @param numAttentionHeads heads of every layer
 * @param imageSize side of the square pictures that the table of positions is for, in pixels
 * @param patchSize side of the square patches, in pixels
 * @param layerNormEps ε of every layer normalisation
 */
public record VisionSizes(
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int imageSize,
    int patchSize,
    float layerNormEps) {

  public VisionSizes {
    checkArgument(
        numAttentionHeads > 0 && hiddenSize % numAttentionHeads == 0,
        "num_attention_heads is %s, which does not divide hidden_size %s",
        numAttentionHeads,
        hiddenSize);
    checkArgument(
        patchSize > 0 && imageSize >= patchSize,
        "image_size is %s, patch_size %s; expected at least one patch",
        imageSize,
        patchSize);
  }

  /**
   * Reads a config; what it does not say is as in the base model, but for what models differ in.
   *
   * @throws IllegalArgumentException naming the file and the key, if a value is no number
   */
  public static VisionSizes from(
      JsonConfig json, int imageSize, int patchSize, double layerNormEps) {
    return new VisionSizes(
        json.getInt("hidden_size", 768),
        json.getInt("intermediate_size", 3072),
        json.getInt("num_hidden_layers", 12),
        json.getInt("num_attention_heads", 12),
        json.getInt("image_size", imageSize),
        json.getInt("patch_size", patchSize),
        (float) json.getDouble("layer_norm_eps", layerNormEps));
  }

  /** Patches along a side of a picture of {@link #imageSize}. */
  public int grid() {
    return imageSize / patchSize;
  }
}
