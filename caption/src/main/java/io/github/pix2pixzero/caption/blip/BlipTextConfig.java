package io.github.pix2pixzero.caption.blip;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.io.JsonConfig;

/**
 * The sizes of a {@link BlipTextDecoder}, as transformers keeps them under {@code text_config}.
 *
 * @param vocabSize rows of the word embedding
 * @param hiddenSize width of the hidden states
 * @param encoderHiddenSize width of what it attends to: the vision model's
 * @param intermediateSize width inside the feed-forward networks
 * @param numHiddenLayers transformer layers
 * @param numAttentionHeads heads of every layer
 * @param maxPositionEmbeddings tokens of the longest sentence
 * @param layerNormEps ε of every layer normalisation
 * @param beginId token that sentences begin with
 * @param endId token that ends a sentence: BERT's [SEP]; what configs call {@code eos_token_id} is
 *     a word like any other
 */
public record BlipTextConfig(
    int vocabSize,
    int hiddenSize,
    int encoderHiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int maxPositionEmbeddings,
    float layerNormEps,
    int beginId,
    int endId) {

  public BlipTextConfig {
    checkHeads(hiddenSize, numAttentionHeads);
    checkToken("bos_token_id", beginId, vocabSize);
    checkToken("sep_token_id", endId, vocabSize);
  }

  /**
   * Reads {@code text_config}; what is absent is as transformers has it, whose 8 heads are not the
   * 12 that the published checkpoints name.
   *
   * @param encoderHiddenSize width of the vision model, whatever the config says of it
   * @throws IllegalArgumentException naming the file and the key, if a value is no number or asks
   *     for something other than BLIP
   */
  public static BlipTextConfig from(JsonConfig json, int encoderHiddenSize) {
    checkActivation(json);
    return new BlipTextConfig(
        json.getInt("vocab_size", 30_524),
        json.getInt("hidden_size", 768),
        encoderHiddenSize,
        json.getInt("intermediate_size", 3072),
        json.getInt("num_hidden_layers", 12),
        json.getInt("num_attention_heads", 8),
        json.getInt("max_position_embeddings", 512),
        (float) json.getDouble("layer_norm_eps", 1e-12),
        json.getInt("bos_token_id", 30_522),
        json.getInt("sep_token_id", 102));
  }

  static void checkActivation(JsonConfig json) {
    if (!json.getString("hidden_act", "gelu").equals("gelu")) {
      throw json.unsupported("hidden_act", "gelu");
    }
  }

  static void checkHeads(int hiddenSize, int heads) {
    checkArgument(
        heads > 0 && hiddenSize % heads == 0,
        "num_attention_heads is %s, which does not divide hidden_size %s",
        heads,
        hiddenSize);
  }

  private static void checkToken(String name, int id, int vocabSize) {
    checkArgument(
        id >= 0 && id < vocabSize,
        "%s is %s, which is not in the vocabulary of %s",
        name,
        id,
        vocabSize);
  }
}
