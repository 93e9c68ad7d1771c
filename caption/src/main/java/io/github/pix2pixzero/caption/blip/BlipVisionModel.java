package io.github.pix2pixzero.caption.blip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.nn.Conv2d;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.PositionTable;
import io.github.pix2pixzero.tensor.nn.VisionSizes;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import java.util.ArrayList;
import java.util.List;

/**
 * BLIP's vision transformer (Dosovitskiy et al., 2020): a picture to one embedding a patch, with
 * one for the whole before them. Agrees with transformers' {@code BlipVisionModel}. Immutable.
 */
public final class BlipVisionModel {
  private final VisionSizes sizes;
  private final Tensor classEmbedding;
  private final Conv2d patchEmbedding;
  private final PositionTable positions;
  private final List<BlipVisionLayer> layers = new ArrayList<>();
  private final LayerNorm postLayerNorm;

  /**
   * Binds the weights below {@code vision_model}.
   *
   * @throws IllegalArgumentException naming file, tensor and shapes if one is missing or has
   *     another shape
   */
  public BlipVisionModel(Weights weights, VisionSizes sizes) {
    this.sizes = sizes;
    int width = sizes.hiddenSize();
    int patch = sizes.patchSize();
    Weights embeddings = weights.at("embeddings");
    classEmbedding = embeddings.tensor("class_embedding", 1, 1, width);
    patchEmbedding =
        Conv2d.load(embeddings.at("patch_embedding"), 3, width, patch, patch, Padding.all(0));
    positions = PositionTable.load(embeddings, "position_embedding", sizes.grid(), width);
    for (int i = 0; i < sizes.numHiddenLayers(); i++) {
      layers.add(new BlipVisionLayer(weights.at("encoder").at("layers").at(i), sizes));
    }
    postLayerNorm = LayerNorm.load(weights.at("post_layernorm"), width, sizes.layerNormEps());
  }

  /**
   * The sizes that {@code vision_config} asks for; what is absent is as in the base model.
   *
   * @throws IllegalArgumentException naming the file and the key, if a value is no number or asks
   *     for something other than BLIP
   */
  public static VisionSizes sizes(JsonConfig json) {
    BlipTextConfig.checkActivation(json);
    return VisionSizes.from(json, 384, 16, 1e-5);
  }

  public VisionSizes sizes() {
    return sizes;
  }

  /**
   * The hidden states after the last layer and its normalisation: what the decoder attends to.
   *
   * @param pixels [batch, 3, height, width], normalised as {@link BlipPictures} does; of another
   *     size than {@link VisionSizes#imageSize} the positions are stretched, as with transformers'
   *     {@code interpolate_pos_encoding=True}, and what does not fill a patch at the right and at
   *     the bottom is cut off
   * @return [batch, 1 + patches, hiddenSize]
   * @throws IllegalArgumentException if the pictures are smaller than a patch
   */
  public Tensor forward(Tensor pixels) {
    int patch = sizes.patchSize();
    checkArgument(
        pixels.shape().rank() == 4
            && pixels.dim(1) == 3
            && pixels.dim(2) >= patch
            && pixels.dim(3) >= patch,
        "pictures are %s, expected [batch, 3, height, width] of at least %s x %s",
        pixels.shape(),
        patch,
        patch);
    try (Scope scope = Scope.local()) {
      Tensor h = embed(pixels);
      for (BlipVisionLayer layer : layers) {
        h = layer.forward(h);
      }
      return scope.keep(postLayerNorm.forward(h));
    }
  }

  private Tensor embed(Tensor pixels) {
    int batch = pixels.dim(0);
    int width = sizes.hiddenSize();
    Tensor patches = patchEmbedding.forward(pixels.toChannelsLast());
    Tensor table = positions.of(patches.dim(1), patches.dim(2));
    return Tensor.concat(
            1, classEmbedding.expand(batch, 1, width), patches.reshape(batch, -1, width))
        .add(table);
  }
}
