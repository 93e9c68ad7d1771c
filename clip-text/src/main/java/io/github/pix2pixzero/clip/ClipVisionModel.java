package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.VisionSizes;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Conv2d;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import java.util.ArrayList;
import java.util.List;

/**
 * CLIP's vision transformer (Radford et al., 2021): pictures to one embedding a patch and one for
 * the whole. Agrees with transformers' {@code CLIPVisionModel}. The weights are constants.
 * Immutable.
 */
public final class ClipVisionModel {
  private final ClipVisionConfig config;
  private final VisionSizes sizes;
  private final Tensor patchEmbedding;
  private final Tensor classEmbedding;
  private final Tensor positionEmbedding;
  private final LayerNorm preLayerNorm;
  private final List<ClipEncoderLayer> layers = new ArrayList<>();
  private final LayerNorm postLayerNorm;

  /**
   * Binds the weights by transformers' names, without the prefix {@code vision_model.}.
   *
   * @throws IllegalArgumentException naming file, tensor and shapes if one is missing or has
   *     another shape
   */
  public ClipVisionModel(Weights weights, ClipVisionConfig config) {
    this.config = config;
    sizes = config.sizes();
    int width = sizes.hiddenSize();
    int tokens = sizes.grid() * sizes.grid() + 1;
    Weights embeddings = weights.at("embeddings");
    patchEmbedding =
        embeddings.at("patch_embedding").convolution("weight", 3, width, sizes.patchSize());
    classEmbedding = embeddings.tensor("class_embedding", width);
    positionEmbedding = embeddings.at("position_embedding").tensor("weight", tokens, width);
    // The name is misspelt in the published files.
    preLayerNorm = LayerNorm.load(weights.at("pre_layrnorm"), width, sizes.layerNormEps());
    for (int i = 0; i < sizes.numHiddenLayers(); i++) {
      layers.add(new ClipEncoderLayer(weights.at("encoder").at("layers").at(i), config));
    }
    postLayerNorm = LayerNorm.load(weights.at("post_layernorm"), width, sizes.layerNormEps());
  }

  public ClipVisionConfig config() {
    return config;
  }

  /**
   * The hidden states after the last layer, that of the whole picture first.
   *
   * @param pixels normalised pictures, [batch, imageSize, imageSize, 3]
   * @return [batch, 1 + patches, hiddenSize]
   * @throws IllegalArgumentException if the pictures have another size
   */
  public Tensor forward(Tensor pixels) {
    int size = sizes.imageSize();
    checkArgument(
        pixels.shape().rank() == 4
            && pixels.dim(1) == size
            && pixels.dim(2) == size
            && pixels.dim(3) == 3,
        "pictures are %s, expected [batch, %s, %s, 3]",
        pixels.shape(),
        size,
        size);
    try (Scope scope = Scope.local()) {
      int batch = pixels.dim(0);
      int width = sizes.hiddenSize();
      Tensor patches =
          Conv2d.of(pixels, patchEmbedding, null, sizes.patchSize(), Padding.all(0))
              .reshape(batch, -1, width);
      Tensor whole = classEmbedding.reshape(1, 1, width).expand(batch, 1, width);
      Tensor h = Tensor.concat(1, whole, patches).add(positionEmbedding);
      h = preLayerNorm.forward(h);
      for (ClipEncoderLayer layer : layers) {
        h = layer.forward(h);
      }
      return scope.keep(h);
    }
  }

  /** What {@link #forward} says of the whole pictures, normalised: [batch, hiddenSize]. */
  public Tensor pooled(Tensor pixels) {
    try (Scope scope = Scope.local()) {
      Tensor whole = forward(pixels).slice(1, 0, 1);
      return scope.keep(postLayerNorm.forward(whole).reshape(-1, sizes.hiddenSize()));
    }
  }
}
