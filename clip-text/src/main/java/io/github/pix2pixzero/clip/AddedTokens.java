package io.github.pix2pixzero.clip;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.pix2pixzero.tensor.io.ForeignJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Tokens that a tokenizer was given beside its vocabulary, such as the learned ones of textual
 * inversion, with their ids: of {@code added_tokens.json}, and of {@code added_tokens_decoder} in
 * {@code tokenizer_config.json}, which says more and wins.
 */
final class AddedTokens {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<SpecialToken, Integer> ids = new LinkedHashMap<>();

  /** The tokens by id, in the order of the files. */
  Map<SpecialToken, Integer> ids() {
    return ids;
  }

  /** Takes those of {@code added_tokens.json}: an object of token to id. */
  void readAddedTokens(InputStream in, String file) throws IOException {
    JsonNode tokens = parse(in, file);
    for (Map.Entry<String, JsonNode> token : tokens.properties()) {
      if (token.getKey().isEmpty()) {
        throw new TokenizerFormatException(file, "an added token is empty");
      }
      put(
          new SpecialToken(token.getKey(), true),
          TokenizerJson.id(token.getValue(), token.getKey(), file));
    }
  }

  /** Takes those of {@code tokenizer_config.json}, whose tokens {@link TokenizerConfig} checks. */
  void readConfig(InputStream in, String file) throws IOException {
    JsonNode decoder = parse(in, file).path("added_tokens_decoder");
    for (Map.Entry<String, JsonNode> entry : decoder.properties()) {
      JsonNode value = entry.getValue();
      String content = value.isObject() ? value.path("content").asText() : value.asText();
      try {
        put(
            new SpecialToken(content, value.path("normalized").asBoolean()),
            Integer.parseInt(entry.getKey()));
      } catch (NumberFormatException e) {
        throw new TokenizerFormatException(
            file, "added_tokens_decoder has the key \"" + entry.getKey() + "\", expected an id", e);
      }
    }
  }

  private void put(SpecialToken token, int id) {
    ids.keySet().removeIf(known -> known.content().equals(token.content()));
    ids.put(token, id);
  }

  private static JsonNode parse(InputStream in, String file) throws IOException {
    try {
      JsonNode node = ForeignJson.read(() -> JSON.readTree(in));
      if (!node.isObject()) {
        throw new TokenizerFormatException(file, "expected a JSON object");
      }
      return node;
    } catch (JacksonException e) {
      throw new TokenizerFormatException(file, "not JSON: " + e.getOriginalMessage(), e);
    }
  }
}
