package io.github.pix2pixzero.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClipTokenizerTest {
  private static final ClipTokenizer CLIP = TestTokenizers.CLIP;

  @Test
  void padsWithTheTokenOfTheConfig() {
    assertThat(Arrays.copyOfRange(CLIP.encode("a cat"), 0, 5))
        .containsExactly(49_406, 320, 2368, 49_407, 49_407);
    assertThat(Arrays.copyOfRange(TestTokenizers.SD2.encode("a cat"), 0, 5))
        .containsExactly(49_406, 320, 2368, 49_407, 0);
  }

  @Test
  void locatesEachTokenInTheCleanedText() {
    Encoding encoding = CLIP.tokenize("A  photorealistic CAT's <|endoftext|>bowl");

    assertThat(encoding.text()).isEqualTo("a photorealistic cat's <|endoftext|>bowl");
    assertThat(pieces(encoding))
        .containsExactly("", "a", "photo", "realistic", "cat", "'s", "<|endoftext|>", "bowl", "");
    assertThat(encoding.ids()).startsWith(49_406).endsWith(49_407).hasSize(9);
    assertThat(encoding.isTruncated()).isFalse();
  }

  @Test
  void tokensOfOneCharacterShareIt() {
    Encoding encoding = CLIP.tokenize("x \ud859\udd19y");

    assertThat(pieces(encoding).subList(0, 3)).containsExactly("", "x", "\ud859\udd19");
    assertThat(encoding.positions(2, 4)).hasSizeGreaterThan(1);
    assertThat(encoding.positions(4, 5)).containsExactly(encoding.tokens().size() - 2);
  }

  @Test
  void lowerCasingCanBeTurnedOff() {
    TokenizerConfig lower = TokenizerConfig.defaults();
    ClipTokenizer asTyped =
        TestTokenizers.clip(
            new TokenizerConfig(
                lower.begin(), lower.end(), lower.unknown(), lower.pad(), List.of(), 77, false));

    assertThat(asTyped.tokenize("CaT").text()).isEqualTo("CaT");
    assertThat(asTyped.encode("CaT")).isNotEqualTo(CLIP.encode("CaT"));
  }

  @Test
  void theLongestSpecialTokenWins() {
    TokenizerConfig config = TokenizerConfig.defaults();
    ClipTokenizer dots =
        TestTokenizers.clip(
            new TokenizerConfig(
                config.begin(),
                config.end(),
                config.unknown(),
                SpecialToken.of("."),
                List.of(SpecialToken.of("...</w>")),
                77,
                true));

    assertThat(pieces(dots.tokenize("a...</w>."))).containsExactly("", "a", "...</w>", ".", "");
  }

  @Test
  void aTokenThatAnyRoleNamesBareIsLookedForAsTyped() {
    TokenizerConfig bare = TokenizerConfig.defaults();
    SpecialToken normalized = new SpecialToken(bare.end().content(), true);
    TokenizerConfig mixed =
        new TokenizerConfig(bare.begin(), bare.end(), normalized, normalized, List.of(), 77, true);
    String shouted = "<|ENDOFTEXT|>";

    assertThat(TestTokenizers.clip(mixed).encode(shouted)).isEqualTo(CLIP.encode(shouted));
    assertThat(TestTokenizers.clip(bare.withPad(normalized)).encode(shouted))
        .isEqualTo(CLIP.encode(shouted));
  }

  @Test
  void tellsWhatWasTruncated() {
    String prompt = "cat ".repeat(75) + "sees  THE dog. ";

    Encoding encoding = CLIP.tokenize(prompt);

    assertThat(encoding.isTruncated()).isTrue();
    assertThat(encoding.truncated()).isEqualTo("sees the dog.");
    assertThat(encoding.tokens()).hasSize(77);
    assertThat(CLIP.encode(prompt)).hasSize(77).endsWith(2368, 49_407);
  }

  @Test
  void encodingWarnsOfWhatItCuts() {
    String fits = "cat ".repeat(75);

    assertThat(TestTokenizers.logOf(() -> CLIP.encode(fits))).isEmpty();
    assertThat(TestTokenizers.logOf(() -> CLIP.encode(fits + "and the dog")))
        .contains("WARN", "longer than the 75 tokens", "\"and the dog\"");
  }

  @Test
  void aPromptThatJustFitsIsNotTruncated() {
    Encoding encoding = CLIP.tokenize("cat ".repeat(75));

    assertThat(encoding.isTruncated()).isFalse();
    assertThat(encoding.tokens()).hasSize(77);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '→',
      quoteCharacter = '"',
      value = {
        "a cat's whiskers → a cat 's whiskers",
        "Ångström, café! → ångström , café !",
        "日本語 🙂 <|endoftext|> → 日本語 🙂",
        "1990s → 1 9 9 0 s"
      })
  void decodesToCleanText(String text, String decoded) {
    assertThat(CLIP.decode(CLIP.encode(text))).isEqualTo(decoded);
  }

  @Test
  void whatIsDecodedEncodesToTheSameIds() {
    String prompt = "a high resolution painting of a cat, in the style of van gough (1990s)";
    int[] ids = CLIP.encode(prompt);

    assertThat(CLIP.encode(CLIP.decode(ids))).isEqualTo(ids);
  }

  @Test
  void decodingRefusesIdsThatAreNotInTheVocabulary() {
    assertThatThrownBy(() -> CLIP.decode(320, 49_408))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no token has the id 49408, expected 0 to 49407");
    assertThatThrownBy(() -> CLIP.decode(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a cat and a dog | cat | 2",
        "a Cat, a category and a cat's bowl | CAT | 2 8",
        "a rubber duck on a duck | rubber duck | 2 3",
        "a rubber duck on a duck | duck | 3 6",
        "a photorealistic horse | photorealistic | 2 3",
        "a photorealistic horse | realistic | ''",
        "a black-and-white tree | black-and-white | 2 3 4 5 6",
        "a black-and-white tree | and | 4",
        "no such thing | cat | ''",
        "a café | cafe\u0301 | 2",
      })
  void findsTheTokensOfAWord(String prompt, String word, String positions) {
    int[] expected =
        positions.isEmpty()
            ? new int[0]
            : Arrays.stream(positions.split(" ")).mapToInt(Integer::parseInt).toArray();

    assertThat(CLIP.tokensOf(prompt, word)).containsExactly(expected);
  }

  @Test
  void positionsAreThoseOfTheEncodedSequence() {
    String prompt = "a photo of a rubber duck in the bath";
    int[] ids = CLIP.encode(prompt);

    int[] found = Arrays.stream(CLIP.tokensOf(prompt, "rubber duck")).map(i -> ids[i]).toArray();

    assertThat(CLIP.decode(found)).isEqualTo("rubber duck");
  }

  @Test
  void aWordThatWasCutOffHasNoTokens() {
    assertThat(CLIP.tokensOf("cat ".repeat(75) + "dog", "dog")).isEmpty();
    assertThat(CLIP.tokensOf("cat ".repeat(76), "cat"))
        .containsExactly(IntStream.rangeClosed(1, 75).toArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \t"})
  void aBlankWordIsRefused(String word) {
    assertThatThrownBy(() -> CLIP.tokensOf("a cat", word))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"a cat\"")
        .hasMessageContaining("blank");
  }

  @Test
  void threadsShareATokenizer() throws Exception {
    List<String> prompts =
        IntStream.range(0, 500).mapToObj(i -> "a cat number " + i + " of kind" + i % 7).toList();
    List<int[]> expected =
        prompts.stream().map(TestTokenizers.load("tokenizer-clip")::encode).toList();
    ClipTokenizer shared = TestTokenizers.load("tokenizer-clip");
    Callable<List<int[]>> encodeAll = () -> prompts.stream().map(shared::encode).toList();

    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      for (Future<List<int[]>> ids : pool.invokeAll(List.of(encodeAll, encodeAll, encodeAll))) {
        assertThat(ids.get()).usingRecursiveComparison().isEqualTo(expected);
      }
    } finally {
      pool.shutdown();
    }
  }

  private static List<String> pieces(Encoding encoding) {
    return IntStream.range(0, encoding.tokens().size()).mapToObj(encoding::piece).toList();
  }
}
