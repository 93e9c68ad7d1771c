package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Lists;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.util.List;

/** Prompts to the embeddings a U-Net attends to: tokenizer and text transformer of a checkpoint. */
public final class TextEncoder {
  /** Prompts encoded at a time: enough to fill the kernels, few enough to bound the memory. */
  private static final int MINI_BATCH = 16;

  private final ClipTokenizer tokenizer;
  private final ClipTextModel model;

  /**
   * Joins a tokenizer and the model trained with it.
   *
   * @throws IllegalArgumentException if the tokenizer makes ids, or sequences, that the model does
   *     not take
   */
  public TextEncoder(ClipTokenizer tokenizer, ClipTextModel model) {
    checkFit(tokenizer, model.config());
    this.tokenizer = tokenizer;
    this.model = model;
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
              .map(batch -> batch.stream().map(tokenizer::encode).toArray(int[][]::new))
              .map(model::forward)
              .toArray(Tensor[]::new);
      return scope.keep(Tensor.concat(0, parts));
    }
  }
}
