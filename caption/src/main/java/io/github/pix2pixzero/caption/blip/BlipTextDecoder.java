package io.github.pix2pixzero.caption.blip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Embedding;
import io.github.pix2pixzero.tensor.ops.Matmul;
import java.util.ArrayList;
import java.util.List;

/**
 * BLIP's decoder: BERT (Devlin et al., 2018) that attends to a picture and sees no later words.
 * Agrees with transformers' {@code BlipTextLMHeadModel}. Immutable.
 */
public final class BlipTextDecoder {
  private final BlipTextConfig config;
  private final Tensor words;
  private final Tensor positions;
  private final LayerNorm embeddingNorm;
  private final List<BlipTextLayer> layers = new ArrayList<>();
  private final Linear transform;
  private final LayerNorm transformNorm;
  private final Tensor output;
  private final Tensor outputBias;

  /**
   * Binds the weights below {@code text_decoder}. Where the head has tensors of its own, they are
   * what counts; where not, words are compared with their embeddings.
   *
   * @throws IllegalArgumentException naming file, tensor and shapes if one is missing or has
   *     another shape
   */
  public BlipTextDecoder(Weights weights, BlipTextConfig config) {
    this.config = config;
    int width = config.hiddenSize();
    int vocabulary = config.vocabSize();
    Weights embeddings = weights.at("bert").at("embeddings");
    words = embeddings.at("word_embeddings").tensor("weight", vocabulary, width);
    positions =
        embeddings
            .at("position_embeddings")
            .tensor("weight", config.maxPositionEmbeddings(), width);
    embeddingNorm = LayerNorm.load(embeddings.at("LayerNorm"), width, config.layerNormEps());
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(new BlipTextLayer(weights.at("bert").at("encoder").at("layer").at(i), config));
    }
    Weights head = weights.at("cls").at("predictions");
    transform = Linear.load(head.at("transform").at("dense"), width, width);
    transformNorm =
        LayerNorm.load(head.at("transform").at("LayerNorm"), width, config.layerNormEps());
    output = head.has("decoder.weight") ? head.tensor("decoder.weight", vocabulary, width) : words;
    outputBias = head.tensor(head.has("decoder.bias") ? "decoder.bias" : "bias", vocabulary);
  }

  public BlipTextConfig config() {
    return config;
  }

  /**
   * A memory of a picture, and of no words so far.
   *
   * @param picture [1, tokens, encoderHiddenSize]
   * @param scope what is remembered lives in it
   */
  List<LayerMemory> look(Tensor picture, Scope scope) {
    return layers.stream().map(layer -> layer.look(picture, scope)).toList();
  }

  /**
   * The hidden states of the last layer.
   *
   * @param ids [sentences][tokens]: the whole beginning of a sentence, or one token more of each
   * @param memory goes on with these tokens
   * @return [sentences, tokens, hiddenSize]
   * @throws IllegalArgumentException if the sentences get too long, or an id is not in the
   *     vocabulary
   */
  Tensor forward(int[][] ids, List<LayerMemory> memory) {
    int tokens = ids[0].length;
    int before = memory.get(0).length();
    checkArgument(
        before + tokens <= config.maxPositionEmbeddings(),
        "a sentence has %s tokens, expected at most %s",
        before + tokens,
        config.maxPositionEmbeddings());
    int[] flat = flat(ids);
    try (Scope scope = Scope.local()) {
      Tensor h =
          Embedding.of(words, flat)
              .reshape(ids.length, tokens, config.hiddenSize())
              .add(positions.slice(0, before, before + tokens));
      h = embeddingNorm.forward(h);
      for (int i = 0; i < layers.size(); i++) {
        h = layers.get(i).forward(h, memory.get(i));
      }
      return scope.keep(h);
    }
  }

  /**
   * [sentences, tokens, hiddenSize] to the logits of the tokens that follow each, [.., vocabSize].
   */
  Tensor logits(Tensor hidden) {
    try (Scope scope = Scope.local()) {
      Tensor h = transformNorm.forward(transform.forward(hidden).gelu());
      return scope.keep(Matmul.of(h, output, false, true).add(outputBias));
    }
  }

  private int[] flat(int[][] ids) {
    int tokens = ids[0].length;
    int[] flat = new int[ids.length * tokens];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = ids[i / tokens][i % tokens];
      checkArgument(
          flat[i] >= 0 && flat[i] < config.vocabSize(),
          "token id %s is not in the vocabulary of %s",
          flat[i],
          config.vocabSize());
    }
    return flat;
  }
}
