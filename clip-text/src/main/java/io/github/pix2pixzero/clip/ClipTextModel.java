package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.primitives.Floats;
import com.google.common.primitives.Ints;
import io.github.pix2pixzero.tensor.Cancellation;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Initializer;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Embedding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CLIP's text transformer (Radford et al., 2021): token ids to one embedding a token. Agrees with
 * transformers' {@code CLIPTextModel}; no attention mask hides the padding, as in Stable Diffusion.
 * Immutable, but for weights that are trained.
 */
public final class ClipTextModel {
  private static final Logger LOG = LoggerFactory.getLogger(ClipTextModel.class);

  private static final Pattern LAYER =
      Pattern.compile("(?:text_model\\.)?encoder\\.layers\\.(\\d{1,4})\\..+");

  /** As transformers starts them. */
  private static final Initializer EMBEDDING = Initializer.normal(0.02);

  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model";

  private final ClipTextConfig config;
  private final Tensor tokenEmbedding;
  private final Tensor positionEmbedding;
  private final List<ClipEncoderLayer> layers = new ArrayList<>();
  private final LayerNorm finalLayerNorm;

  /** The id of the first word that was learned beside the vocabulary, and the vectors of all. */
  private final int firstLearned;

  private final Optional<Tensor> learned;

  /**
   * Binds the weights by transformers' names, with the prefix {@code text_model.} that older
   * versions wrote, or without it.
   *
   * @throws IllegalArgumentException naming file, tensor and shapes if one is missing or has
   *     another shape
   */
  public ClipTextModel(Weights weights, ClipTextConfig config) {
    this.config = config;
    Weights root =
        weights.has("embeddings.token_embedding.weight") ? weights : weights.at("text_model");
    int width = config.hiddenSize();
    Weights embeddings = root.at("embeddings");
    tokenEmbedding =
        embeddings.at("token_embedding").tensor("weight", EMBEDDING, config.vocabSize(), width);
    positionEmbedding =
        embeddings
            .at("position_embedding")
            .tensor("weight", EMBEDDING, config.maxPositionEmbeddings(), width);
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(new ClipEncoderLayer(root.at("encoder").at("layers").at(i), config));
    }
    finalLayerNorm = LayerNorm.load(root.at("final_layer_norm"), width, config.layerNormEps());
    firstLearned = config.vocabSize();
    learned = Optional.empty();
  }

  private ClipTextModel(ClipTextModel base, int firstLearned, Tensor learned) {
    config = base.config;
    tokenEmbedding = base.tokenEmbedding;
    positionEmbedding = base.positionEmbedding;
    layers.addAll(base.layers);
    finalLayerNorm = base.finalLayerNorm;
    this.firstLearned = firstLearned;
    this.learned = Optional.of(learned);
  }

  /**
   * This model with the vectors of words that its vocabulary does not have.
   *
   * @param firstId of the first vector, where the tokenizer's vocabulary ends
   * @throws IllegalArgumentException if a word is of another width, naming it
   */
  ClipTextModel with(int firstId, List<LearnedWord> words) {
    int width = config.hiddenSize();
    for (LearnedWord word : words) {
      checkArgument(
          word.width() == width,
          "the learned word \"%s\" is for text encoders of width %s, this one's is %s",
          word.token(),
          word.width(),
          width);
    }
    float[] vectors =
        Floats.concat(words.stream().map(LearnedWord::vectors).toArray(float[][]::new));
    return new ClipTextModel(
        this,
        firstId,
        Scope.outlive(Tensor.of(tokenEmbedding.backend(), vectors, vectors.length / width, width)));
  }

  /**
   * Loads the {@code text_encoder/} folder of a checkpoint: {@value #CONFIG} and the weights,
   * {@value #WEIGHTS}.safetensors or its shards.
   *
   * @throws IOException if a file is missing or malformed
   * @throws IllegalArgumentException if the config asks for what is not supported, or the weights
   *     do not fit it
   */
  public static ClipTextModel load(ModelFolder textEncoderFolder, Backend backend)
      throws IOException {
    ClipTextConfig config = ClipTextConfig.from(textEncoderFolder.json(CONFIG));
    try (TensorSource files = textEncoderFolder.weights(WEIGHTS)) {
      Weights weights = Weights.of(backend, files);
      ClipTextModel model = new ClipTextModel(weights, config);
      List<String> leftovers =
          weights.leftovers().stream().filter(name -> !isOfNoUse(name, config)).toList();
      if (!leftovers.isEmpty()) {
        LOG.warn(
            "{}: {} tensors are no part of the text encoder and stay unused: {}",
            files.displayName(),
            leftovers.size(),
            leftovers);
      }
      return model;
    }
  }

  /**
   * Whether weights of a name are known to be in files and of no use: the positions 0, 1, 2, … that
   * older versions of transformers saved, and layers that the config leaves out, as Stable
   * Diffusion 2.x and others do that attend to an earlier hidden state.
   */
  public static boolean isOfNoUse(String name, ClipTextConfig config) {
    if (name.endsWith("embeddings.position_ids")) {
      return true;
    }
    Matcher layer = LAYER.matcher(name);
    return layer.matches() && Integer.parseInt(layer.group(1)) >= config.numHiddenLayers();
  }

  public ClipTextConfig config() {
    return config;
  }

  /**
   * The hidden states after the last layer and the final normalisation: what Stable Diffusion
   * attends to.
   *
   * @param ids token ids, [batch][tokens], every row of the same length
   * @return [batch, tokens, hiddenSize]
   * @throws IllegalArgumentException if the rows differ in length or are too long, or an id is not
   *     in the vocabulary
   */
  public Tensor forward(int[][] ids) {
    try (Scope scope = Scope.local()) {
      return scope.keep(finalLayerNorm.forward(hiddenState(ids, 1)));
    }
  }

  /**
   * The hidden states after a layer, without the final normalisation: transformers' {@code
   * hidden_states[-fromEnd]}.
   *
   * @param ids token ids, [batch][tokens], every row of the same length
   * @param fromEnd 1 for the last layer, 2 for the one before; one more than there are layers for
   *     the embeddings
   * @return [batch, tokens, hiddenSize]
   * @throws IllegalArgumentException if there is no such layer, or for ids as in {@link #forward}
   */
  public Tensor hiddenState(int[][] ids, int fromEnd) {
    checkArgument(
        fromEnd >= 1 && fromEnd <= layers.size() + 1,
        "fromEnd is %s, expected 1 to %s in a model of %s layers",
        fromEnd,
        layers.size() + 1,
        layers.size());
    Cancellation.check();
    try (Scope scope = Scope.local()) {
      Tensor h = embed(ids);
      for (ClipEncoderLayer layer : layers.subList(0, layers.size() + 1 - fromEnd)) {
        h = layer.forward(h);
      }
      return scope.keep(h);
    }
  }

  /** The sum of token and position embeddings, [batch, tokens, hiddenSize]. */
  private Tensor embed(int[][] ids) {
    checkArgument(ids.length > 0, "there are no sequences of token ids");
    int tokens = ids[0].length;
    int vocabulary = firstLearned + learned.map(vectors -> vectors.dim(0)).orElse(0);
    checkArgument(
        tokens > 0 && tokens <= config.maxPositionEmbeddings(),
        "a sequence has %s token ids, expected 1 to %s",
        tokens,
        config.maxPositionEmbeddings());
    for (int[] sequence : ids) {
      checkArgument(
          sequence.length == tokens,
          "sequences of %s and of %s token ids do not make a batch",
          tokens,
          sequence.length);
      for (int id : sequence) {
        checkArgument(
            id >= 0 && id < vocabulary,
            "token id %s is not in the vocabulary of %s",
            id,
            vocabulary);
      }
    }
    return rows(Ints.concat(ids))
        .reshape(ids.length, tokens, config.hiddenSize())
        .add(positionEmbedding.slice(0, 0, tokens));
  }

  /** The embeddings of tokens one after the other, [ids, hiddenSize]. */
  private Tensor rows(int[] ids) {
    int[] known = Arrays.stream(ids).map(id -> id < firstLearned ? id : 0).toArray();
    Tensor rows = Embedding.of(tokenEmbedding, known);
    if (Arrays.equals(known, ids)) {
      return rows;
    }
    int[] places =
        IntStream.range(0, ids.length)
            .map(i -> ids[i] < firstLearned ? i : ids.length + ids[i] - firstLearned)
            .toArray();
    return Embedding.of(Tensor.concat(0, rows, learned.orElseThrow()), places);
  }
}
