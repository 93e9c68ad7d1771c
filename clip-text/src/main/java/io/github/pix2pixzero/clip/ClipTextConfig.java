package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSet;
import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.io.JsonConfig;

/**
 * The sizes of a {@link ClipTextModel}, as transformers keeps them in {@code
 * text_encoder/config.json}.
 *
 * @param vocabSize rows of the token embedding
 * @param hiddenSize width of the hidden states
 * @param intermediateSize width inside the feed-forward networks
 * @param numHiddenLayers transformer layers
 * @param numAttentionHeads heads of every layer
 * @param maxPositionEmbeddings tokens of the longest sequence
 * @param layerNormEps ε of every layer normalisation
 * @param hiddenAct function inside the feed-forward networks
 */
public record ClipTextConfig(
    int vocabSize,
    int hiddenSize,
    int intermediateSize,
    int numHiddenLayers,
    int numAttentionHeads,
    int maxPositionEmbeddings,
    float layerNormEps,
    Unary hiddenAct) {

  public ClipTextConfig {
    checkArgument(
        hiddenSize % numAttentionHeads == 0,
        "num_attention_heads is %s, which does not divide hidden_size %s",
        numAttentionHeads,
        hiddenSize);
  }

  /** What says how the model came to be, or is of no use to the text encoder alone. */
  public static final ImmutableSet<String> HARMLESS_KEYS =
      ImmutableSet.of(
          "_name_or_path",
          "architectures",
          "attention_dropout",
          "attn_implementation",
          "bos_token_id",
          "chunk_size_feed_forward",
          "dropout",
          "dtype",
          "eos_token_id",
          "id2label",
          "initializer_factor",
          "initializer_range",
          "label2id",
          "length_penalty",
          "max_length",
          "model_type",
          "num_beam_groups",
          "num_beams",
          "num_return_sequences",
          "pad_token_id",
          "problem_type",
          "projection_dim",
          "repetition_penalty",
          "return_dict",
          "temperature",
          "tie_word_embeddings",
          "top_k",
          "top_p",
          "torch_dtype",
          "transformers_version",
          "use_bfloat16",
          "use_cache",
          "diversity_penalty",
          "_attn_implementation_autoset",
          "output_scores");

  /**
   * Reads {@code text_encoder/config.json}.
   *
   * @throws IllegalArgumentException naming the file, the key and what is supported, if a value is
   *     missing or asks for something other than CLIP's text transformer
   */
  public static ClipTextConfig from(JsonConfig json) {
    if (json.getBoolean("use_attention_mask", false)) {
      throw json.unsupported("use_attention_mask", "false, padding that is attended to");
    }
    return new ClipTextConfig(
        json.getInt("vocab_size"),
        json.getInt("hidden_size"),
        json.getInt("intermediate_size"),
        json.getInt("num_hidden_layers"),
        json.getInt("num_attention_heads"),
        json.getInt("max_position_embeddings", 77),
        (float) json.getDouble("layer_norm_eps", 1e-5),
        hiddenAct(json));
  }

  /** The function inside CLIP's feed-forward networks. */
  static Unary hiddenAct(JsonConfig json) {
    return switch (json.getString("hidden_act", "quick_gelu")) {
      case "quick_gelu" -> Unary.QUICK_GELU;
      case "gelu" -> Unary.GELU;
      default -> throw json.unsupported("hidden_act", "quick_gelu, gelu");
    };
  }
}
