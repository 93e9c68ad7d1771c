package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Embedding;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Both towers of CLIP (Radford et al., 2021) and their projections into one space, in which a
 * picture and a text that fit have similar directions. Agrees with transformers' {@code CLIPModel}.
 * Immutable.
 */
public final class ClipModel {
  private static final Logger LOG = LoggerFactory.getLogger(ClipModel.class);

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model";
  private static final int PUBLISHED_END_ID = 49407;

  /** What published configs say, wrongly; it means that the highest id ends a text. */
  private static final int HIGHEST_ID = 2;

  private final ClipTokenizer tokenizer;
  private final ClipTextModel text;
  private final ClipVisionModel vision;
  private final Linear textProjection;
  private final Linear visualProjection;
  private final int endId;

  /**
   * Binds the weights by transformers' names.
   *
   * @param config CLIP's {@code config.json}, with {@code text_config} and {@code vision_config}
   * @throws IllegalArgumentException naming file, tensor and shapes if one is missing or has
   *     another shape, or naming the key if the config asks for what is not supported
   */
  public ClipModel(ClipTokenizer tokenizer, Weights weights, JsonConfig config) {
    JsonConfig textConfig = config.at("text_config");
    this.tokenizer = tokenizer;
    text = new ClipTextModel(weights.at("text_model"), ClipTextConfig.from(textConfig));
    vision =
        new ClipVisionModel(
            weights.at("vision_model"), ClipVisionConfig.from(config.at("vision_config")));
    int projected = config.getInt("projection_dim", 512);
    textProjection =
        Linear.withoutBias(weights.at("text_projection"), text.config().hiddenSize(), projected);
    visualProjection =
        Linear.withoutBias(
            weights.at("visual_projection"), vision.config().sizes().hiddenSize(), projected);
    endId = textConfig.getInt("eos_token_id", PUBLISHED_END_ID);
  }

  /**
   * Loads a folder such as {@code openai/clip-vit-large-patch14}: {@value #CONFIG}, the weights
   * {@value #WEIGHTS}.safetensors or its shards, and the tokenizer's files.
   *
   * @throws IOException if a file is missing or malformed
   * @throws IllegalArgumentException if the config asks for what is not supported, or the weights
   *     do not fit it
   */
  public static ClipModel load(ModelFolder folder, Backend backend) throws IOException {
    JsonConfig config = folder.json(CONFIG);
    ClipTokenizer tokenizer = ClipTokenizer.load(folder);
    try (TensorSource files = folder.weights(WEIGHTS)) {
      Weights weights = Weights.of(backend, files);
      ClipModel model = new ClipModel(tokenizer, weights, config);
      List<String> leftovers =
          weights.leftovers().stream()
              .filter(name -> !name.equals("logit_scale") && !name.endsWith(".position_ids"))
              .toList();
      if (!leftovers.isEmpty()) {
        LOG.warn(
            "{}: {} tensors are no part of CLIP and stay unused: {}",
            files.displayName(),
            leftovers.size(),
            leftovers);
      }
      return model;
    }
  }

  public ClipTokenizer tokenizer() {
    return tokenizer;
  }

  public ClipVisionModel vision() {
    return vision;
  }

  /**
   * Where texts lie. One that is too long is cut, and a warning says what was lost.
   *
   * @return unit vectors, [texts, projection]
   * @throws IllegalArgumentException if there are no texts
   */
  public Tensor embedTexts(List<String> texts) {
    checkArgument(!texts.isEmpty(), "there are no texts to embed");
    int[][] ids = texts.stream().map(tokenizer::encode).toArray(int[][]::new);
    try (Scope scope = Scope.local()) {
      return scope.keep(unit(textProjection.forward(pooledText(ids))));
    }
  }

  /**
   * Where pictures lie.
   *
   * @param pixels normalised pictures, [batch, imageSize, imageSize, 3]
   * @return unit vectors, [batch, projection]
   */
  public Tensor embedPictures(Tensor pixels) {
    try (Scope scope = Scope.local()) {
      return scope.keep(unit(visualProjection.forward(vision.pooled(pixels))));
    }
  }

  /** The last hidden state at the token that ends each text: [texts, hiddenSize]. */
  Tensor pooledText(int[][] ids) {
    int[] ends = Arrays.stream(ids).mapToInt(this::end).toArray();
    // No token sees the ones behind it, so what only fills up need not be computed.
    int length = Arrays.stream(ends).max().orElseThrow() + 1;
    int[][] needed =
        Arrays.stream(ids).map(row -> Arrays.copyOf(row, length)).toArray(int[][]::new);
    try (Scope scope = Scope.local()) {
      Tensor states = text.forward(needed).reshape(-1, text.config().hiddenSize());
      int[] rows = new int[ends.length];
      Arrays.setAll(rows, i -> i * length + ends[i]);
      return scope.keep(Embedding.of(states, rows));
    }
  }

  private int end(int[] ids) {
    int wanted = endId == HIGHEST_ID ? Arrays.stream(ids).max().orElseThrow() : endId;
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == wanted) {
        return i;
      }
    }
    return 0; // as transformers does
  }

  private static Tensor unit(Tensor rows) {
    return rows.div(rows.square().sum(1).sqrt());
  }
}
