package io.github.pix2pixzero.clip;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.tensor.io.ForeignJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code tokenizer.json}, the one file of a tokenizer that transformers 5 saves: vocabulary, merges
 * and added tokens.
 *
 * @param addedIds the added tokens' ids, in the order of the file
 */
record TokenizerJson(
    Vocabulary vocabulary, MergeTable merges, ImmutableMap<SpecialToken, Integer> addedIds) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @param file the name to use in errors
   * @throws TokenizerFormatException if it is malformed, or a tokenizer of another kind than CLIP's
   */
  static TokenizerJson read(InputStream in, String file) throws IOException {
    JsonNode root;
    try {
      root = ForeignJson.read(() -> JSON.readTree(in));
    } catch (JacksonException e) {
      throw new TokenizerFormatException(file, "not JSON: " + e.getOriginalMessage(), e);
    }
    JsonNode model = root.path("model");
    require(model, "type", "BPE", file);
    require(model, "end_of_word_suffix", BytePairEncoder.END_OF_WORD, file);
    require(model, "continuing_subword_prefix", "", file);
    Vocabulary vocabulary = Vocabulary.of(ids(model.path("vocab"), file), file);
    MergeTable merges = MergeTable.of(merges(model.path("merges"), file), file, vocabulary);
    return new TokenizerJson(vocabulary, merges, added(root.path("added_tokens"), file));
  }

  private static void require(JsonNode model, String key, String expected, String file)
      throws TokenizerFormatException {
    JsonNode value = model.path(key);
    boolean absent = value.isMissingNode() || value.isNull();
    if (!value.asText("").equals(expected) || absent && !expected.isEmpty()) {
      throw new TokenizerFormatException(
          file,
          "%s of its model is %s, expected \"%s\", as CLIP has it".formatted(key, value, expected));
    }
  }

  private static ImmutableMap<String, Integer> ids(JsonNode vocabulary, String file)
      throws TokenizerFormatException {
    if (!vocabulary.isObject()) {
      throw new TokenizerFormatException(file, "expected a vocab, an object of token to id");
    }
    ImmutableMap.Builder<String, Integer> ids = ImmutableMap.builder();
    for (Map.Entry<String, JsonNode> token : vocabulary.properties()) {
      ids.put(token.getKey(), id(token.getValue(), token.getKey(), file));
    }
    return ids.buildOrThrow();
  }

  static int id(JsonNode id, String token, String file) throws TokenizerFormatException {
    if (!id.canConvertToExactIntegral() || !id.canConvertToInt()) {
      throw new TokenizerFormatException(
          file, "\"" + token + "\" is " + id + ", expected a whole number");
    }
    return id.intValue();
  }

  /** Each as two tokens and a space: older files have texts, newer ones pairs. */
  private static List<String> merges(JsonNode merges, String file) throws TokenizerFormatException {
    if (!merges.isArray()) {
      throw new TokenizerFormatException(file, "expected merges, an array");
    }
    List<String> lines = new ArrayList<>(merges.size());
    for (JsonNode merge : merges) {
      lines.add(
          merge.isArray() && merge.size() == 2
              ? merge.get(0).asText() + " " + merge.get(1).asText()
              : merge.asText());
    }
    return lines;
  }

  private static ImmutableMap<SpecialToken, Integer> added(JsonNode tokens, String file)
      throws TokenizerFormatException {
    Map<SpecialToken, Integer> added = new LinkedHashMap<>();
    for (JsonNode token : tokens) {
      String content = token.path("content").asText("");
      if (content.isEmpty()) {
        throw new TokenizerFormatException(
            file, "an added token is " + token + ", without content");
      }
      SpecialToken special = new SpecialToken(content, token.path("normalized").asBoolean());
      if (added.put(special, id(token.path("id"), content, file)) != null) {
        throw new TokenizerFormatException(
            file, "the added token \"" + content + "\" occurs twice");
      }
    }
    return ImmutableMap.copyOf(added);
  }
}
