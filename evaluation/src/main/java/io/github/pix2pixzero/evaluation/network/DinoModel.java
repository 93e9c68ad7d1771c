package io.github.pix2pixzero.evaluation.network;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Conv2d;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.PositionTable;
import io.github.pix2pixzero.tensor.nn.VisionSizes;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DINO's vision transformer (Caron et al., "Emerging Properties in Self-Supervised Vision
 * Transformers", ICCV 2021), whose keys know where things are. Agrees with transformers' {@code
 * ViTModel}. The weights are constants.
 */
public final class DinoModel {
  private static final Logger LOG = LoggerFactory.getLogger(DinoModel.class);

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model";

  /** How the table of positions is stretched to pictures of another size. */
  public enum Positions {
    /** DINO's own code, which every published structure distance was measured with. */
    DINO {
      @Override
      double factor(int patches, int grid) {
        // As there: a little more than the right factor, so that no patch is lost to rounding.
        return (patches + 0.1) / grid;
      }
    },

    /** transformers' {@code interpolate_pos_encoding=True}. */
    TRANSFORMERS {
      @Override
      double factor(int patches, int grid) {
        return (double) patches / grid;
      }
    };

    abstract double factor(int patches, int grid);
  }

  private final VisionSizes sizes;
  private final Backend backend;
  private final Conv2d patchEmbedding;
  private final Tensor classToken;
  private final PositionTable positions;
  private final List<DinoLayer> layers = new ArrayList<>();
  private final LayerNorm norm;

  /**
   * Binds the weights by transformers' names.
   *
   * @throws IllegalArgumentException naming file, tensor and shapes if one is missing or has
   *     another shape
   */
  public DinoModel(Weights weights, VisionSizes sizes) {
    this.sizes = sizes;
    backend = weights.backend();
    int width = sizes.hiddenSize();
    int patch = sizes.patchSize();
    Weights embeddings = weights.at("embeddings");
    patchEmbedding =
        Conv2d.load(
            embeddings.at("patch_embeddings").at("projection"),
            3,
            width,
            patch,
            patch,
            Padding.all(0));
    classToken = embeddings.tensor("cls_token", 1, 1, width);
    positions = PositionTable.load(embeddings, "position_embeddings", sizes.grid(), width);
    for (int i = 0; i < sizes.numHiddenLayers(); i++) {
      layers.add(new DinoLayer(weights.at("encoder").at("layer").at(i), sizes));
    }
    norm = LayerNorm.load(weights.at("layernorm"), width, sizes.layerNormEps());
  }

  /**
   * Loads a folder such as {@code facebook/dino-vitb8}: {@value #CONFIG} and the weights, {@value
   * #WEIGHTS}.safetensors or its shards. Those of a pooling layer are passed over.
   *
   * @throws IOException if a file is missing or malformed
   * @throws IllegalArgumentException if the config asks for what is not supported, or the weights
   *     do not fit it
   */
  public static DinoModel load(ModelFolder folder, Backend backend) throws IOException {
    VisionSizes sizes = sizes(folder.json(CONFIG));
    try (TensorSource files = folder.weights(WEIGHTS)) {
      Weights weights = Weights.of(backend, files);
      DinoModel model = new DinoModel(weights, sizes);
      List<String> leftovers =
          weights.leftovers().stream().filter(name -> !name.startsWith("pooler.")).toList();
      if (!leftovers.isEmpty()) {
        LOG.warn(
            "{}: {} tensors are no part of DINO and stay unused: {}",
            files.displayName(),
            leftovers.size(),
            leftovers);
      }
      return model;
    }
  }

  /**
   * The sizes that a {@code config.json} of a {@code ViTModel} asks for; what it does not say is as
   * in ViT-B/16, transformers' default.
   *
   * @throws IllegalArgumentException naming the file, the key and what is supported, if a value
   *     asks for something other than DINO's vision transformer
   */
  public static VisionSizes sizes(JsonConfig json) {
    if (json.getInt("num_channels", 3) != 3) {
      throw json.unsupported("num_channels", "3");
    }
    if (!json.getString("hidden_act", "gelu").equals("gelu")) {
      throw json.unsupported("hidden_act", "gelu");
    }
    if (!json.getBoolean("qkv_bias", true)) {
      throw json.unsupported("qkv_bias", "true");
    }
    return VisionSizes.from(json, 224, 16, 1e-12);
  }

  public VisionSizes sizes() {
    return sizes;
  }

  public Backend backend() {
    return backend;
  }

  /**
   * The hidden states after the last layer and the final normalisation, the class token's first.
   *
   * @param pixels normalised pictures, [batch, height, width, 3]; what does not fill a patch at the
   *     right and at the bottom is cut off
   * @return [batch, 1 + patches, hiddenSize]
   */
  public Tensor forward(Tensor pixels, Positions stretching) {
    try (Scope scope = Scope.local()) {
      return scope.keep(norm.forward(through(layers, pixels, stretching)));
    }
  }

  /**
   * The keys of the last layer before they are split into heads, the class token's first.
   *
   * @param pixels as in {@link #forward}
   * @return [batch, 1 + patches, hiddenSize]
   */
  public Tensor keys(Tensor pixels, Positions stretching) {
    try (Scope scope = Scope.local()) {
      int last = layers.size() - 1;
      Tensor h = through(layers.subList(0, last), pixels, stretching);
      return scope.keep(layers.get(last).keys(h));
    }
  }

  private Tensor through(List<DinoLayer> some, Tensor pixels, Positions stretching) {
    checkArgument(
        pixels.shape().rank() == 4
            && pixels.dim(1) >= sizes.patchSize()
            && pixels.dim(2) >= sizes.patchSize()
            && pixels.dim(3) == 3,
        "pictures are %s, expected [batch, height, width, 3] of at least %s x %s",
        pixels.shape(),
        sizes.patchSize(),
        sizes.patchSize());
    Tensor patches = patchEmbedding.forward(pixels);
    int batch = patches.dim(0);
    int width = sizes.hiddenSize();
    Tensor table = positions(pixels.dim(1), pixels.dim(2), stretching);
    Tensor h =
        Tensor.concat(1, classToken.expand(batch, 1, width), patches.reshape(batch, -1, width))
            .add(table);
    for (DinoLayer layer : some) {
      h = layer.forward(h);
    }
    return h;
  }

  /**
   * The table for pictures of a size in pixels, the class token's place first: [1, 1 + patches,
   * hiddenSize].
   */
  Tensor positions(int height, int width, Positions stretching) {
    int grid = sizes.grid();
    int rows = height / sizes.patchSize();
    int columns = width / sizes.patchSize();
    // As there: of a picture that is not square, also a square grid is stretched.
    return rows == grid && columns == grid && height == width
        ? positions.trained()
        : positions.stretched(
            rows, columns, stretching.factor(rows, grid), stretching.factor(columns, grid));
  }
}
