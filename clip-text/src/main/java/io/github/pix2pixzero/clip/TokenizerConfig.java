package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.io.ForeignJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code tokenizer_config.json} and {@code special_tokens_map.json} say about a CLIP
 * tokenizer.
 *
 * @param begin starts every sequence
 * @param end ends every sequence
 * @param unknown stands for a byte that the vocabulary lacks
 * @param pad fills a sequence up: {@code <|endoftext|>} in SD 1.x, {@code !} in SD 2.x
 * @param added further special tokens, from {@code added_tokens_decoder}
 * @param maxLength ids in a padded sequence, begin and end included; at least 3
 * @param lowerCase whether text is lower-cased
 */
public record TokenizerConfig(
    SpecialToken begin,
    SpecialToken end,
    SpecialToken unknown,
    SpecialToken pad,
    List<SpecialToken> added,
    int maxLength,
    boolean lowerCase) {

  /** The length every published CLIP text encoder was trained with. */
  public static final int DEFAULT_MAX_LENGTH = 77;

  /** Above this, a length is how transformers writes "no limit" (1e30). */
  private static final int UNLIMITED = 1_000_000;

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @throws IllegalArgumentException if the length leaves no room for a token between begin and end
   */
  public TokenizerConfig {
    added = ImmutableList.copyOf(added);
    checkArgument(maxLength >= 3, "model_max_length is %s, expected at least 3", maxLength);
  }

  /** CLIP's own settings: 77 ids, lower case, padded with {@code <|endoftext|>} as SD 1.x is. */
  public static TokenizerConfig defaults() {
    SpecialToken end = SpecialToken.of("<|endoftext|>");
    return new TokenizerConfig(
        SpecialToken.of("<|startoftext|>"), end, end, end, List.of(), DEFAULT_MAX_LENGTH, true);
  }

  /** The same settings with another pad token. */
  public TokenizerConfig withPad(SpecialToken newPad) {
    return new TokenizerConfig(begin, end, unknown, newPad, added, maxLength, lowerCase);
  }

  /**
   * Reads {@code tokenizer_config.json}; what it does not say is as in {@link #defaults()}.
   *
   * @throws TokenizerFormatException if it is not JSON or a value is not of the expected kind
   * @throws IOException if the stream fails
   */
  public static TokenizerConfig read(InputStream config) throws IOException {
    return read(config, "tokenizer_config.json");
  }

  static TokenizerConfig read(InputStream config, String file) throws IOException {
    Reader root = Reader.parse(config, file);
    ImmutableList.Builder<SpecialToken> added = ImmutableList.builder();
    for (JsonNode entry : root.node.path("added_tokens_decoder")) {
      added.add(root.specialToken(entry, "added_tokens_decoder"));
    }
    TokenizerConfig defaults = defaults();
    try {
      return new TokenizerConfig(
          root.role("bos_token", defaults.begin),
          root.role("eos_token", defaults.end),
          root.role("unk_token", defaults.unknown),
          root.role("pad_token", defaults.pad),
          added.build(),
          root.maxLength(),
          root.lowerCase());
    } catch (IllegalArgumentException e) {
      throw new TokenizerFormatException(file, e.getMessage(), e);
    }
  }

  /**
   * These settings with the roles that {@code special_tokens_map.json} gives. The map wins over the
   * config (the published SD 2.x configs name another pad token than their map, and the map is
   * right), unless the config has an {@code added_tokens_decoder}: then transformers ignores the
   * map, and so does this.
   *
   * @throws TokenizerFormatException if it is not JSON or a token is not a string or an object with
   *     {@code content}
   * @throws IOException if the stream fails
   */
  public TokenizerConfig withSpecialTokensMap(InputStream map) throws IOException {
    return withSpecialTokensMap(map, "special_tokens_map.json");
  }

  TokenizerConfig withSpecialTokensMap(InputStream map, String file) throws IOException {
    Reader root = Reader.parse(map, file);
    if (!added.isEmpty()) {
      return this;
    }
    return new TokenizerConfig(
        root.role("bos_token", begin),
        root.role("eos_token", end),
        root.role("unk_token", unknown),
        root.role("pad_token", pad),
        added,
        maxLength,
        lowerCase);
  }

  /** These settings with further tokens to be looked for whole; those it has stay as they are. */
  TokenizerConfig withAdded(Collection<SpecialToken> more) {
    Map<String, SpecialToken> all = new LinkedHashMap<>();
    added.forEach(token -> all.put(token.content(), token));
    more.forEach(token -> all.putIfAbsent(token.content(), token));
    return new TokenizerConfig(
        begin, end, unknown, pad, ImmutableList.copyOf(all.values()), maxLength, lowerCase);
  }

  /**
   * Every special token once, as it is to be looked for in text: as {@code added} says, or else as
   * typed unless all roles that share it say otherwise.
   */
  Collection<SpecialToken> specialTokens() {
    Map<String, SpecialToken> tokens = new LinkedHashMap<>();
    for (SpecialToken role : List.of(begin, end, unknown, pad)) {
      tokens.merge(role.content(), role, (one, other) -> one.normalized() ? other : one);
    }
    for (SpecialToken token : added) {
      tokens.put(token.content(), token);
    }
    return tokens.values();
  }

  /** Picks typed values from one JSON file and names the file when they are something else. */
  private record Reader(JsonNode node, String file) {

    static Reader parse(InputStream in, String file) throws IOException {
      JsonNode node;
      try {
        node = ForeignJson.read(() -> JSON.readTree(in));
      } catch (JacksonException e) {
        throw new TokenizerFormatException(file, "not JSON: " + e.getOriginalMessage(), e);
      }
      if (!node.isObject()) {
        throw new TokenizerFormatException(file, "expected a JSON object");
      }
      return new Reader(node, file);
    }

    SpecialToken role(String key, SpecialToken otherwise) throws TokenizerFormatException {
      return node.hasNonNull(key) ? specialToken(node.get(key), key) : otherwise;
    }

    SpecialToken specialToken(JsonNode value, String key) throws TokenizerFormatException {
      JsonNode content = value.isObject() ? value.path("content") : value;
      if (!content.isTextual() || content.textValue().isEmpty()) {
        throw wrong(key, value, "a string, or an object whose \"content\" is one");
      }
      return new SpecialToken(content.textValue(), value.path("normalized").asBoolean());
    }

    int maxLength() throws TokenizerFormatException {
      String key = "model_max_length";
      if (!node.hasNonNull(key)) {
        return DEFAULT_MAX_LENGTH;
      }
      JsonNode value = node.get(key);
      if (value.isNumber() && value.doubleValue() > UNLIMITED) {
        return DEFAULT_MAX_LENGTH;
      }
      if (!value.canConvertToExactIntegral() || !value.canConvertToInt()) {
        throw wrong(key, value, "a whole number");
      }
      return value.intValue();
    }

    boolean lowerCase() throws TokenizerFormatException {
      JsonNode value = node.path("do_lower_case");
      if (!value.isBoolean() && !value.isMissingNode() && !value.isNull()) {
        throw wrong("do_lower_case", value, "true or false");
      }
      return value.asBoolean(true);
    }

    private TokenizerFormatException wrong(String key, JsonNode value, String expected) {
      return new TokenizerFormatException(file, key + " is " + value + ", expected " + expected);
    }
  }
}
