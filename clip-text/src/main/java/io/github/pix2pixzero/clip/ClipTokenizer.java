package io.github.pix2pixzero.clip;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.clip.Encoding.Token;
import io.github.pix2pixzero.clip.SpecialTokenFinder.Segment;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * CLIP's byte-level BPE tokenizer. Its ids are those of transformers' CLIPTokenizer (5.17) for the
 * same folder. Immutable but for a cache of words; thread safe.
 */
public final class ClipTokenizer {
  private static final Logger LOG = LoggerFactory.getLogger(ClipTokenizer.class);

  private static final String VOCABULARY = "vocab.json";
  private static final String MERGES = "merges.txt";
  private static final String CONFIG = "tokenizer_config.json";
  private static final String SPECIAL_TOKENS = "special_tokens_map.json";
  private static final String ADDED_TOKENS = "added_tokens.json";
  private static final String WHOLE = "tokenizer.json";

  private final Vocabulary vocabulary;
  private final BytePairEncoder encoder;
  private final TextNormalizer normalizer;
  private final SpecialTokenFinder typedSpecials;
  private final SpecialTokenFinder normalizedSpecials;
  private final BitSet specialIds = new BitSet();
  private final int beginId;
  private final int endId;
  private final int padId;
  private final int maxLength;
  private final ImmutableMap<Integer, LearnedWord> learned;
  private final boolean readsWeights;

  /** What was cut off when that was last said. */
  private volatile String lastCut = "";

  private ClipTokenizer(
      Vocabulary vocabulary, String vocabularyFile, MergeTable merges, TokenizerConfig config)
      throws TokenizerFormatException {
    this.vocabulary = vocabulary;
    normalizer = new TextNormalizer(config.lowerCase());
    beginId = idOf(config.begin(), vocabularyFile);
    endId = idOf(config.end(), vocabularyFile);
    padId = idOf(config.pad(), vocabularyFile);
    maxLength = config.maxLength();
    encoder = new BytePairEncoder(vocabulary, merges, idOf(config.unknown(), vocabularyFile));

    List<Segment> typed = new ArrayList<>();
    List<Segment> normalized = new ArrayList<>();
    for (SpecialToken token : config.specialTokens()) {
      int id = idOf(token, vocabularyFile);
      if (id < vocabulary.ownSize()) {
        specialIds.set(id);
      }
      if (token.normalized()) {
        normalized.add(new Segment(normalizer.normalize(token.content()), id));
      } else {
        typed.add(new Segment(token.content(), id));
      }
    }
    typedSpecials = new SpecialTokenFinder(typed);
    normalizedSpecials = new SpecialTokenFinder(normalized);
    learned = ImmutableMap.of();
    readsWeights = false;
  }

  private ClipTokenizer(
      ClipTokenizer base,
      Vocabulary vocabulary,
      SpecialTokenFinder normalizedSpecials,
      ImmutableMap<Integer, LearnedWord> learned,
      boolean readsWeights) {
    this.vocabulary = vocabulary;
    encoder = base.encoder;
    normalizer = base.normalizer;
    typedSpecials = base.typedSpecials;
    this.normalizedSpecials = normalizedSpecials;
    specialIds.or(base.specialIds);
    beginId = base.beginId;
    endId = base.endId;
    padId = base.padId;
    maxLength = base.maxLength;
    this.learned = learned;
    this.readsWeights = readsWeights;
  }

  /**
   * This tokenizer with learned words, whose ids come after its vocabulary.
   *
   * @throws TokenizerFormatException if a word is a token already, naming it
   */
  ClipTokenizer with(List<LearnedWord> words) throws TokenizerFormatException {
    Map<SpecialToken, Integer> ids = new LinkedHashMap<>();
    ImmutableMap.Builder<Integer, LearnedWord> all =
        ImmutableMap.<Integer, LearnedWord>builder().putAll(learned);
    List<Segment> sought = new ArrayList<>();
    int next = vocabulary.size();
    for (LearnedWord word : words) {
      all.put(next, word);
      sought.add(new Segment(normalizer.normalize(word.token()), next));
      for (int i = 0; i < word.count(); i++) {
        SpecialToken token = new SpecialToken(word.name(i), true);
        if (vocabulary.id(token.content()) >= 0 || ids.put(token, next + i) != null) {
          throw new TokenizerFormatException(
              "learned words", "\"%s\" is a token already".formatted(token.content()));
        }
      }
      next += word.count();
    }
    return new ClipTokenizer(
        this,
        vocabulary.with(ids, "learned words"),
        normalizedSpecials.with(sought),
        all.buildOrThrow(),
        readsWeights);
  }

  /**
   * This tokenizer, which reads weights in prompts as stable-diffusion-webui does: {@code (word)},
   * {@code [word]}, {@code (word:1.3)}. The words' tokens are where they would be without.
   */
  ClipTokenizer readingWeights() {
    return new ClipTokenizer(this, vocabulary, normalizedSpecials, learned, true);
  }

  /** Whether weights in prompts are read as such. */
  public boolean readsWeights() {
    return readsWeights;
  }

  /** A prompt as it was typed, without the weights in it if they are read. */
  public String withoutWeights(String prompt) {
    return pieces(prompt).stream().map(PromptWeights.Piece::text).collect(Collectors.joining());
  }

  private List<PromptWeights.Piece> pieces(String prompt) {
    return readsWeights ? PromptWeights.parse(prompt) : List.of(new PromptWeights.Piece(prompt, 1));
  }

  /** All learned words. */
  public ImmutableList<LearnedWord> learnedWords() {
    return learned.values().asList();
  }

  /** The learned words that a prompt has, each once. */
  public ImmutableList<LearnedWord> learnedIn(String prompt) {
    return tokenize(prompt).tokens().stream()
        .map(token -> learned.get(token.id()))
        .filter(Objects::nonNull)
        .distinct()
        .collect(ImmutableList.toImmutableList());
  }

  private int idOf(SpecialToken token, String file) throws TokenizerFormatException {
    int id = vocabulary.id(token.content());
    if (id < 0) {
      throw new TokenizerFormatException(
          file, "expected an entry for the special token \"" + token.content() + "\"");
    }
    return id;
  }

  /** Whether a folder holds a tokenizer, whatever state its files are in. */
  public static boolean isIn(ModelFolder folder) {
    return folder.exists(VOCABULARY) || folder.exists(WHOLE);
  }

  /**
   * Loads the {@code tokenizer/} folder of a diffusers checkpoint: {@code vocab.json}, {@code
   * merges.txt}, {@code tokenizer_config.json} and, where there are such files, {@code
   * special_tokens_map.json} and {@code added_tokens.json}; or, as transformers 5 saves it, {@code
   * tokenizer.json} and {@code tokenizer_config.json}. Added tokens come after the vocabulary's own
   * and are looked up whole, in any case of letters unless their file says otherwise.
   *
   * @throws TokenizerFormatException if a file is missing or malformed; the message names it
   * @throws IOException if reading fails
   */
  public static ClipTokenizer load(ModelFolder folder) throws IOException {
    AddedTokens added = new AddedTokens();
    if (folder.exists(ADDED_TOKENS)) {
      try (InputStream tokens = folder.open(ADDED_TOKENS)) {
        added.readAddedTokens(tokens, folder + "/" + ADDED_TOKENS);
      }
    }
    TokenizerConfig config = config(folder, added);
    Vocabulary vocabulary;
    MergeTable merges;
    String file;
    if (folder.exists(WHOLE) && !folder.exists(VOCABULARY)) {
      file = folder + "/" + WHOLE;
      try (InputStream whole = folder.open(WHOLE)) {
        TokenizerJson read = TokenizerJson.read(whole, file);
        vocabulary = read.vocabulary().with(read.addedIds(), file);
        merges = read.merges();
        config = config.withAdded(read.addedIds().keySet());
      }
    } else {
      file = folder + "/" + VOCABULARY;
      try (InputStream in = open(folder, VOCABULARY);
          InputStream rules = open(folder, MERGES)) {
        vocabulary = Vocabulary.read(in, file);
        merges = MergeTable.read(rules, folder + "/" + MERGES, vocabulary);
      }
    }
    return new ClipTokenizer(
        vocabulary.with(added.ids(), file), file, merges, config.withAdded(added.ids().keySet()));
  }

  private static TokenizerConfig config(ModelFolder folder, AddedTokens added) throws IOException {
    String file = folder + "/" + CONFIG;
    TokenizerConfig config;
    try (InputStream configuration = open(folder, CONFIG)) {
      byte[] bytes = configuration.readAllBytes();
      config = TokenizerConfig.read(new ByteArrayInputStream(bytes), file);
      added.readConfig(new ByteArrayInputStream(bytes), file);
    }
    if (folder.exists(SPECIAL_TOKENS)) {
      try (InputStream map = folder.open(SPECIAL_TOKENS)) {
        config = config.withSpecialTokensMap(map, folder + "/" + SPECIAL_TOKENS);
      }
    }
    return config;
  }

  private static InputStream open(ModelFolder folder, String name) throws IOException {
    try {
      return folder.open(name);
    } catch (FileNotFoundException e) {
      throw new TokenizerFormatException(
          folder + "/" + name,
          String.format(
              "no such file; a tokenizer folder holds %s, %s and %s, or %s",
              VOCABULARY, MERGES, CONFIG, WHOLE),
          e);
    }
  }

  /**
   * Builds a tokenizer from the content of its files, wherever they come from.
   *
   * @param vocab {@code vocab.json}, read to its end
   * @param merges {@code merges.txt}, read to its end
   * @throws TokenizerFormatException if one is malformed, or lacks what the other or the config
   *     names
   * @throws IOException if reading fails
   */
  public static ClipTokenizer of(InputStream vocab, InputStream merges, TokenizerConfig config)
      throws IOException {
    Vocabulary vocabulary = Vocabulary.read(vocab, VOCABULARY);
    return new ClipTokenizer(
        vocabulary, VOCABULARY, MergeTable.read(merges, MERGES, vocabulary), config);
  }

  /**
   * CLIP's own tokenizer, the one of every published Stable Diffusion 1.x and 2.x, from the merges
   * that come with this module.
   *
   * @param config its special tokens; {@link TokenizerConfig#defaults()} for SD 1.x
   */
  public static ClipTokenizer published(TokenizerConfig config) throws IOException {
    try (InputStream merges = ClipTokenizer.class.getResourceAsStream(MERGES);
        InputStream again = ClipTokenizer.class.getResourceAsStream(MERGES)) {
      Vocabulary vocabulary = Vocabulary.ofMerges(merges, MERGES);
      return new ClipTokenizer(
          vocabulary, MERGES, MergeTable.read(again, MERGES, vocabulary), config);
    }
  }

  /**
   * The text encoder's input for a prompt: begin, the prompt's tokens, end, and padding. What does
   * not fit is cut, and a warning quotes it, once if the same is cut again.
   *
   * @return {@link #maxLength()} ids
   */
  public int[] encode(String text) {
    Encoding encoding = tokenize(text);
    if (encoding.isTruncated() && !encoding.truncated().equals(lastCut)) {
      lastCut = encoding.truncated();
      LOG.warn(
          "The prompt is longer than the {} tokens the model takes; cut off: \"{}\"",
          maxLength - 2,
          encoding.truncated());
    }
    int[] ids = encoding.ids();
    int length = ids.length;
    ids = Arrays.copyOf(ids, maxLength);
    Arrays.fill(ids, length, maxLength, padId);
    return ids;
  }

  /**
   * Tokenizes a prompt without padding and tells which characters each token stands for and what
   * was cut. Unpaired surrogates count as U+FFFD.
   *
   * @throws IllegalArgumentException if weights are read and one is no number
   */
  public Encoding tokenize(String text) {
    StringBuilder cleaned = new StringBuilder(text.length());
    List<Token> tokens = new ArrayList<>();
    for (PromptWeights.Piece piece : pieces(text)) {
      for (Segment segment : typedSpecials.split(piece.text())) {
        if (segment.id() != SpecialTokenFinder.PLAIN) {
          addSpecial(segment, piece.weight(), cleaned, tokens);
          continue;
        }
        for (Segment part : normalizedSpecials.split(normalizer.normalize(segment.text()))) {
          if (part.id() != SpecialTokenFinder.PLAIN) {
            addSpecial(part, piece.weight(), cleaned, tokens);
          } else {
            addWords(part.text(), piece.weight(), cleaned, tokens);
          }
        }
      }
    }
    return framed(cleaned.toString(), tokens);
  }

  private void addSpecial(Segment token, double weight, StringBuilder cleaned, List<Token> tokens) {
    int start = cleaned.length();
    cleaned.append(token.text());
    LearnedWord word = learned.get(token.id());
    for (int i = 0; i < (word == null ? 1 : word.count()); i++) {
      tokens.add(new Token(token.id() + i, start, cleaned.length(), weight));
    }
  }

  private void addWords(String text, double weight, StringBuilder cleaned, List<Token> tokens) {
    int offset = cleaned.length();
    cleaned.append(text);
    WordSplitter.split(
        text,
        (start, end) -> {
          BytePairEncoder.Word word = encoder.encode(text.substring(start, end));
          int at = offset + start;
          for (int i = 0; i < word.ids().length; i++) {
            tokens.add(
                new Token(word.ids()[i], at + word.starts()[i], at + word.ends()[i], weight));
          }
        });
  }

  private Encoding framed(String cleaned, List<Token> tokens) {
    int kept = Math.min(tokens.size(), maxLength - 2);
    int keptEnd = kept == 0 ? 0 : tokens.get(kept - 1).end();
    String truncated = "";
    if (kept < tokens.size()) {
      int lost = tokens.get(kept).start();
      truncated = cleaned.substring(lost, tokens.get(tokens.size() - 1).end());
    }
    List<Token> framed = new ArrayList<>(kept + 2);
    framed.add(new Token(beginId, 0, 0));
    framed.addAll(tokens.subList(0, kept));
    framed.add(new Token(endId, keptEnd, keptEnd));
    return new Encoding(cleaned, framed, truncated);
  }

  /**
   * The text of a sequence of ids, in the spelling CLIP knows: lower case, a space after every word
   * and mark. Special tokens are left out; bytes that are not UTF-8 become U+FFFD.
   *
   * @throws IllegalArgumentException if an id is not in the vocabulary
   */
  public String decode(int... ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      checkArgument(
          id >= 0 && id < vocabulary.size(),
          "no token has the id %s, expected 0 to %s",
          id,
          vocabulary.size() - 1);
      if (!specialIds.get(id)) {
        BytePairEncoder.decode(vocabulary.token(id), bytes);
      }
    }
    return bytes.toString(StandardCharsets.UTF_8).strip();
  }

  /**
   * The positions in the encoded sequence of every token of a word or phrase, at all its
   * occurrences in the prompt, ascending; 0 is the begin token. The word is cleaned as the prompt
   * is and must occur whole: "cat" is in "the cat's bowl" but not in "category". Empty if it does
   * not occur, or only where the prompt was cut.
   *
   * @throws IllegalArgumentException if the word is blank
   */
  public int[] tokensOf(String prompt, String word) {
    return occurrencesOf(prompt, word).stream()
        .flatMapToInt(Arrays::stream)
        .sorted()
        .distinct()
        .toArray();
  }

  /**
   * What {@link #tokensOf} finds, each occurrence by itself, in the order of the prompt. One whose
   * tokens were all cut off is left out.
   *
   * @throws IllegalArgumentException if the word is blank
   */
  public List<int[]> occurrencesOf(String prompt, String word) {
    String sought = normalizer.normalize(word).strip();
    checkArgument(!sought.isEmpty(), "the word to look for in \"%s\" is blank", prompt);
    Encoding encoding = tokenize(prompt);
    String text = encoding.text();
    List<int[]> occurrences = new ArrayList<>();
    for (int at = text.indexOf(sought); at >= 0; at = text.indexOf(sought, at + 1)) {
      int end = at + sought.length();
      if (!isInsideWord(text, at) && !isInsideWord(text, end)) {
        int[] positions = encoding.positions(at, end);
        if (positions.length > 0) {
          occurrences.add(positions);
        }
      }
    }
    return occurrences;
  }

  private static boolean isInsideWord(String text, int at) {
    return at > 0
        && at < text.length()
        && WordSplitter.isWordCharacter(text.codePointBefore(at))
        && WordSplitter.isWordCharacter(text.codePointAt(at));
  }

  /**
   * A token as the vocabulary writes it.
   *
   * @param id 0 to {@link #vocabularySize()} - 1
   */
  public String token(int id) {
    return vocabulary.token(id);
  }

  /** The number of tokens, which is the number of rows of the text encoder's embedding table. */
  public int vocabularySize() {
    return vocabulary.size();
  }

  /** The number of ids {@link #encode} returns. */
  public int maxLength() {
    return maxLength;
  }

  /** The id that begins every sequence. */
  public int beginId() {
    return beginId;
  }

  /** The id that ends every sequence. */
  public int endId() {
    return endId;
  }

  /** The id that fills a sequence up. */
  public int padId() {
    return padId;
  }
}
