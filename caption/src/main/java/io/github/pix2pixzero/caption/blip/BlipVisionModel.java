package io.github.pix2pixzero.caption.blip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Conv2d;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.PositionTable;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import java.util.ArrayList;
import java.util.List;

/**
 * BLIP's vision transformer (Dosovitskiy et al., 2020): a picture to one embedding a patch, with
 * one for the whole before them. Agrees with transformers' {@code BlipVisionModel}. Immutable.
 */
public final class BlipVisionModel {
  private final BlipVisionConfig config;
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
  public BlipVisionModel(Weights weights, BlipVisionConfig config) {
    this.config = config;
    int width = config.hiddenSize();
    int patch = config.patchSize();
    Weights embeddings = weights.at("embeddings");
    classEmbedding = embeddings.tensor("class_embedding", 1, 1, width);
    patchEmbedding =
        Conv2d.load(embeddings.at("patch_embedding"), 3, width, patch, patch, Padding.all(0));
    positions = PositionTable.load(embeddings, "position_embedding", config.grid(), width);
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(new BlipVisionLayer(weights.at("encoder").at("layers").at(i), config));
    }
    postLayerNorm = LayerNorm.load(weights.at("post_layernorm"), width, config.layerNormEps());
  }

  public BlipVisionConfig config() {
    return config;
  }

  /**
   * The hidden states after the last layer and its normalisation: what the decoder attends to.
   *
   * @param pixels [batch, 3, height, width], normalised as {@link BlipPictures} does; of another
   *     size than {@link BlipVisionConfig#imageSize} the positions are stretched, as with
   *     transformers' {@code interpolate_pos_encoding=True}, and what does not fill a patch at the
   *     right and at the bottom is cut off
   * @return [batch, 1 + patches, hiddenSize]
   * @throws IllegalArgumentException if the pictures are smaller than a patch
   */
  public Tensor forward(Tensor pixels) {
    int patch = config.patchSize();
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
    int width = config.hiddenSize();
    Tensor patches = patchEmbedding.forward(pixels.toChannelsLast());
    Tensor table = positions.of(patches.dim(1), patches.dim(2));
    return Tensor.concat(
            1, classEmbedding.expand(batch, 1, width), patches.reshape(batch, -1, width))
        .add(table);
  }
}
