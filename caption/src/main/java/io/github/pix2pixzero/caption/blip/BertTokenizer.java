package io.github.pix2pixzero.caption.blip;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.primitives.Ints;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * BERT's WordPiece tokenizer without regard to case (Devlin et al., 2018): text to the ids of
 * words, or of the longest pieces of them that are known. Agrees with transformers 5.17's {@code
 * BertTokenizer}. Immutable.
 */
public final class BertTokenizer {
  private static final String FILE = "vocab.txt";
  private static final String CONFIG = "tokenizer_config.json";
  private static final String UNKNOWN = "[UNK]";
  private static final String CLASS = "[CLS]";
  private static final String SEPARATOR = "[SEP]";
  private static final String CONTINUES = "##";
  private static final int LONGEST_WORD = 100;

  private static final ImmutableList<String> SPECIAL =
      ImmutableList.of(UNKNOWN, CLASS, SEPARATOR, "[PAD]", "[MASK]");

  /** Special tokens in a text, in the case they have. */
  private static final Pattern SPECIAL_IN_TEXT = Pattern.compile("\\[(?:UNK|CLS|SEP|PAD|MASK)]");

  /** What loses its space in a decoded text, in this order, as transformers cleans it. */
  private static final ImmutableList<String> WITHOUT_SPACE =
      ImmutableList.of(".", "?", "!", ",", "' ", "n't", "'m", "'s", "'ve", "'re");

  private final ImmutableList<String> tokens;
  private final Map<String, Integer> ids = new HashMap<>();

  private BertTokenizer(ImmutableList<String> tokens) {
    this.tokens = tokens;
    for (int id = 0; id < tokens.size(); id++) {
      ids.put(tokens.get(id), id);
    }
  }

  /**
   * Loads {@code vocab.txt}, one token a line.
   *
   * @throws IOException if it is missing or lacks a special token
   * @throws IllegalArgumentException if {@code tokenizer_config.json} asks for something else than
   *     what is published with BLIP
   */
  public static BertTokenizer load(ModelFolder folder) throws IOException {
    if (folder.exists(CONFIG)) {
      JsonConfig config = folder.json(CONFIG);
      for (String key : List.of("do_lower_case", "tokenize_chinese_chars", "strip_accents")) {
        if (!config.getBoolean(key, true)) {
          throw config.unsupported(key, "true");
        }
      }
    }
    try (InputStream in = folder.open(FILE)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      List<String> lines = Splitter.on('\n').splitToList(text);
      boolean ended = lines.get(lines.size() - 1).isEmpty();
      BertTokenizer tokenizer =
          new BertTokenizer(
              ImmutableList.copyOf(ended ? lines.subList(0, lines.size() - 1) : lines));
      for (String special : SPECIAL) {
        if (!tokenizer.ids.containsKey(special)) {
          throw new IOException("%s/%s lacks the token %s".formatted(folder, FILE, special));
        }
      }
      return tokenizer;
    }
  }

  /** Tokens in the vocabulary; their ids are 0 … size - 1. */
  public int vocabularySize() {
    return tokens.size();
  }

  /** The ids of a text between those of [CLS] and [SEP]. */
  public int[] encode(String text) {
    List<Integer> encoded = new ArrayList<>();
    encoded.add(ids.get(CLASS));
    Matcher special = SPECIAL_IN_TEXT.matcher(text);
    int at = 0;
    while (special.find()) {
      addWords(text.substring(at, special.start()), encoded);
      encoded.add(ids.get(special.group()));
      at = special.end();
    }
    addWords(text.substring(at), encoded);
    encoded.add(ids.get(SEPARATOR));
    return Ints.toArray(encoded);
  }

  private void addWords(String text, List<Integer> encoded) {
    for (String word : BertWords.of(text)) {
      List<Integer> pieces = pieces(word);
      encoded.addAll(pieces.isEmpty() ? List.of(ids.get(UNKNOWN)) : pieces);
    }
  }

  /** The longest known beginning, then that of what remains; none if something is not known. */
  private List<Integer> pieces(String word) {
    List<Integer> pieces = new ArrayList<>();
    if (word.codePointCount(0, word.length()) > LONGEST_WORD) {
      return pieces;
    }
    int start = 0;
    while (start < word.length()) {
      int end = word.length();
      while (end > start && !ids.containsKey(piece(word, start, end))) {
        end--;
      }
      if (end == start) {
        return List.of();
      }
      pieces.add(ids.get(piece(word, start, end)));
      start = end;
    }
    return pieces;
  }

  private static String piece(String word, int start, int end) {
    return (start == 0 ? "" : CONTINUES) + word.substring(start, end);
  }

  /**
   * The text of ids, as transformers' {@code decode} with {@code skip_special_tokens} and {@code
   * clean_up_tokenization_spaces} writes it. Ids beyond the vocabulary have no text.
   */
  public String decode(int... sentence) {
    StringBuilder text = new StringBuilder();
    boolean first = true;
    for (int id : sentence) {
      String token = id >= 0 && id < tokens.size() ? tokens.get(id) : "";
      if (token.isEmpty() || SPECIAL.contains(token)) {
        continue;
      }
      if (!first && token.startsWith(CONTINUES)) {
        text.append(token, CONTINUES.length(), token.length());
      } else {
        text.append(first ? "" : " ").append(token);
      }
      first = false;
    }
    String clean = text.toString();
    for (String end : WITHOUT_SPACE) {
      clean = clean.replace(" " + end, end.strip());
    }
    return clean;
  }
}
