package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Lists;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Prompts to the embeddings a U-Net attends to: tokenizer and text transformer of a checkpoint. */
public final class TextEncoder {
  /** Prompts encoded at a time: enough to fill the kernels, few enough to bound the memory. */
  private static final int MINI_BATCH = 16;

  /** What {@link #readingOf} says of prompts with weights in them. */
  public static final String WEIGHTS = "prompt weights";

  /** Which of the notes on merged weights tells encoders apart: hashes and weights of LoRAs. */
  public static final String LORAS = "loras";

  private static final String A1111 = "A1111";

  private final ClipTokenizer tokenizer;
  private final ClipTextModel model;
  private final ImmutableMap<String, String> changes;

  /**
   * Joins a tokenizer and the model trained with it.
   *
   * @throws IllegalArgumentException if the tokenizer makes ids, or sequences, that the model does
   *     not take
   */
  public TextEncoder(ClipTokenizer tokenizer, ClipTextModel model) {
    this(tokenizer, model, ImmutableMap.of());
    checkFit(tokenizer, model.config());
  }

  private TextEncoder(
      ClipTokenizer tokenizer, ClipTextModel model, ImmutableMap<String, String> changes) {
    this.tokenizer = tokenizer;
    this.model = model;
    this.changes = changes;
  }

  /**
   * This encoder, which knows learned words as well.
   *
   * @throws TokenizerFormatException if a word is a token already, naming it
   * @throws IllegalArgumentException if one is of another width, naming it
   */
  public TextEncoder with(List<LearnedWord> words) throws TokenizerFormatException {
    return words.isEmpty()
        ? this
        : new TextEncoder(
            tokenizer.with(words), model.with(tokenizer.vocabularySize(), words), changes);
  }

  /**
   * This encoder, which reads weights in prompts as stable-diffusion-webui (A1111) does: {@code
   * (word)} counts 1.1 times, {@code [word]} 1 / 1.1 times, {@code (word:1.3)} 1.3 times; {@code
   * \\(} is a bracket.
   */
  public TextEncoder readingWeights() {
    return new TextEncoder(tokenizer.readingWeights(), model, changes);
  }

  /** This encoder with notes on what was merged into its weights, for what is made with it. */
  public TextEncoder noting(Map<String, String> newChanges) {
    return new TextEncoder(tokenizer, model, ImmutableMap.copyOf(newChanges));
  }

  /** Notes on what was merged into the weights. */
  public ImmutableMap<String, String> changes() {
    return changes;
  }

  /** How texts are read, beside the vocabulary: the learned words in them, and weights. */
  public ImmutableSortedMap<String, String> readingOf(List<String> texts) {
    SortedMap<String, String> reading = new TreeMap<>();
    for (String text : texts) {
      tokenizer.learnedIn(text).forEach(word -> reading.put(word.token(), word.hash()));
      if (tokenizer.tokenize(text).isWeighted()) {
        reading.put(WEIGHTS, A1111);
      }
    }
    return ImmutableSortedMap.copyOf(reading);
  }

  /**
   * Requires that a text encoder takes what a tokenizer makes.
   *
   * @throws IllegalArgumentException if it does not
   */
  public static void checkFit(ClipTokenizer tokenizer, ClipTextConfig config) {
    checkArgument(
        tokenizer.vocabularySize() <= config.vocabSize(),
        "the tokenizer knows %s tokens, the text encoder only %s; are they of the same checkpoint?",
        tokenizer.vocabularySize(),
        config.vocabSize());
    checkArgument(
        tokenizer.maxLength() <= config.maxPositionEmbeddings(),
        "the tokenizer makes sequences of %s tokens, the text encoder takes up to %s; are they of"
            + " the same checkpoint?",
        tokenizer.maxLength(),
        config.maxPositionEmbeddings());
  }

  /**
   * Loads the {@code tokenizer} and {@code text_encoder} folders of a checkpoint.
   *
   * @param folder the checkpoint
   * @throws IOException if a file is missing or malformed
   */
  public static TextEncoder load(ModelFolder folder, Backend backend) throws IOException {
    return new TextEncoder(
        ClipTokenizer.load(folder.at("tokenizer")),
        ClipTextModel.load(folder.at("text_encoder"), backend));
  }

  public ClipTokenizer tokenizer() {
    return tokenizer;
  }

  public ClipTextModel model() {
    return model;
  }

  /** The embedding of one prompt, as {@link #encode} makes it. */
  public TextEmbedding embed(String prompt) {
    return new TextEmbedding(encode(List.of(prompt)));
  }

  /**
   * Encodes prompts. One that is too long is cut, and a warning says what was lost.
   *
   * @param prompts at least one; an empty text is fine
   * @return [prompts, maxLength, hiddenSize], in Stable Diffusion [n, 77, 768] or [n, 77, 1024]
   * @throws IllegalArgumentException if there are no prompts
   */
  public Tensor encode(List<String> prompts) {
    checkArgument(!prompts.isEmpty(), "there are no prompts to encode");
    try (Scope scope = Scope.local()) {
      Tensor[] parts =
          Lists.partition(prompts, MINI_BATCH).stream()
              .map(this::encodeBatch)
              .toArray(Tensor[]::new);
      return scope.keep(Tensor.concat(0, parts));
    }
  }

  private Tensor encodeBatch(List<String> prompts) {
    Tensor states = model.forward(prompts.stream().map(tokenizer::encode).toArray(int[][]::new));
    return tokenizer.readsWeights()
        ? Emphasis.of(states, prompts.stream().map(tokenizer::tokenize).toList())
        : states;
  }
}
