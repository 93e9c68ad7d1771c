package io.github.pix2pixzero.clip;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.pix2pixzero.tensor.io.ForeignJson;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The tokens of {@code vocab.json} and their ids 0…size-1, which are rows of the embedding table.
 */
final class Vocabulary {
  // Every one of the 49,408 names is new: a table of names seen before would only cost.
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES).build();

  private final Map<String, Integer> ids;
  private final String[] tokens;
  private final int ownSize;

  private Vocabulary(Map<String, Integer> ids, String[] tokens) {
    this(ids, tokens, tokens.length);
  }

  private Vocabulary(Map<String, Integer> ids, String[] tokens, int ownSize) {
    this.ids = ids;
    this.tokens = tokens;
    this.ownSize = ownSize;
  }

  /**
   * @param file the name to use in errors
   * @throws TokenizerFormatException if it is not a JSON object that maps n tokens to the ids 0…n-1
   */
  static Vocabulary read(InputStream in, String file) throws IOException {
    try {
      Map<String, Integer> ids = ForeignJson.read(() -> ids(in, file));
      return new Vocabulary(ids, inOrder(ids, file));
    } catch (JacksonException e) {
      throw new TokenizerFormatException(
          file, "not a JSON object of token to id: " + e.getOriginalMessage(), e);
    }
  }

  private static Map<String, Integer> ids(InputStream in, String file) throws IOException {
    Map<String, Integer> ids = new HashMap<>(1 << 17);
    try (JsonParser json = JSON.createParser(in)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new TokenizerFormatException(file, "expected a JSON object of token to id");
      }
      for (String token = json.nextFieldName(); token != null; token = json.nextFieldName()) {
        if (json.nextToken() != JsonToken.VALUE_NUMBER_INT) {
          throw new TokenizerFormatException(
              file, "\"" + token + "\" is " + json.getText() + ", expected a whole number");
        }
        if (ids.put(token, json.getIntValue()) != null) {
          throw new TokenizerFormatException(file, "\"" + token + "\" occurs twice");
        }
      }
      if (json.nextToken() != null) {
        throw new TokenizerFormatException(file, "expected nothing after the JSON object");
      }
    }
    return ids;
  }

  /** As {@link #read}, from a file that holds more. */
  static Vocabulary of(Map<String, Integer> ids, String file) throws TokenizerFormatException {
    return new Vocabulary(ids, inOrder(ids, file));
  }

  /**
   * This vocabulary and tokens that come after its own.
   *
   * @throws TokenizerFormatException if a token has one id here and another there, or an id is
   *     taken or left out
   */
  Vocabulary with(Map<SpecialToken, Integer> added, String file) throws TokenizerFormatException {
    Map<String, Integer> more = new HashMap<>();
    for (Map.Entry<SpecialToken, Integer> entry : added.entrySet()) {
      String token = entry.getKey().content();
      int known = id(token);
      if (known < 0) {
        more.put(token, entry.getValue());
      } else if (known != entry.getValue()) {
        throw new TokenizerFormatException(
            file,
            "the added token \"%s\" has the id %s, in the vocabulary %s"
                .formatted(token, entry.getValue(), known));
      }
    }
    if (more.isEmpty()) {
      return this;
    }
    more.putAll(ids);
    return new Vocabulary(more, inOrder(more, file), ownSize);
  }

  /**
   * The vocabulary that CLIP's own tokenizer derives from its merges: the bytes' stand-ins in the
   * order of their characters, the same ending a word, what every merge makes, and the two special
   * tokens.
   */
  static Vocabulary ofMerges(InputStream merges, String file) throws IOException {
    List<String> tokens = new ArrayList<>();
    IntStream.range(0, 256)
        .map(ByteAlphabet::charOf)
        .sorted()
        .forEach(c -> tokens.add(Character.toString(c)));
    for (String stand : List.copyOf(tokens)) {
      tokens.add(stand + BytePairEncoder.END_OF_WORD);
    }
    MergeTable.lines(merges, file).forEach(line -> tokens.add(line.replace(" ", "")));
    tokens.add("<|startoftext|>");
    tokens.add("<|endoftext|>");
    Map<String, Integer> ids = new HashMap<>(1 << 17);
    for (String token : tokens) {
      ids.put(token, ids.size());
    }
    return new Vocabulary(ids, tokens.toArray(String[]::new));
  }

  private static String[] inOrder(Map<String, Integer> ids, String file)
      throws TokenizerFormatException {
    String[] tokens = new String[ids.size()];
    for (Map.Entry<String, Integer> entry : ids.entrySet()) {
      int id = entry.getValue();
      String token = entry.getKey();
      if (id < 0 || id >= tokens.length) {
        throw new TokenizerFormatException(
            file,
            String.format(
                "\"%s\" has the id %s, expected the ids 0 to %s for its %s tokens",
                token, id, tokens.length - 1, tokens.length));
      }
      if (tokens[id] != null) {
        throw new TokenizerFormatException(
            file, String.format("\"%s\" and \"%s\" share the id %s", tokens[id], token, id));
      }
      tokens[id] = token;
    }
    return tokens;
  }

  int size() {
    return tokens.length;
  }

  /** The number of tokens but for those that were added. */
  int ownSize() {
    return ownSize;
  }

  /** The id of a token, or -1. */
  int id(String token) {
    return ids.getOrDefault(token, -1);
  }

  String token(int id) {
    return tokens[id];
  }
}
