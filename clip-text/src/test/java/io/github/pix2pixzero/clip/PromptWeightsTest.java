package io.github.pix2pixzero.clip;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Weights of words with the toy model's text encoder, against what make.py computes. */
class PromptWeightsTest {
  private static final Path TOY = Path.of("..", "toy-world", "model");
  private static final Path STATES =
      Path.of("src", "test", "resources", "prompt-weights", "states.safetensors");

  private static List<Case> cases;
  private static TextEncoder plain;
  private static TextEncoder weighted;

  record Case(String prompt, List<List<Object>> pieces, List<Integer> ids, List<Double> factors) {}

  @BeforeAll
  static void load() throws IOException {
    cases = TestTokenizers.json("prompt-weights/cases.json", new TypeReference<>() {});
    plain = TextEncoder.load(ModelFolder.of(TOY), Backends.named("plain", 1));
    weighted = plain.readingWeights();
  }

  @Test
  void readsPromptsAsTheReferenceDoes() {
    assertThat(cases).hasSize(15);
    for (Case expected : cases) {
      List<Encoding.Token> tokens = weighted.tokenizer().tokenize(expected.prompt()).tokens();
      List<Encoding.Token> within = tokens.subList(1, tokens.size() - 1);
      assertThat(within.stream().map(Encoding.Token::id))
          .as(expected.prompt())
          .isEqualTo(expected.ids());
      for (int i = 0; i < within.size(); i++) {
        assertThat(within.get(i).weight())
            .as("%s, token %s", expected.prompt(), i)
            .isCloseTo(expected.factors().get(i), within(1e-12));
      }
    }
  }

  @Test
  void weighsEmbeddingsAsTheReferenceDoes() throws IOException {
    List<String> prompts = cases.subList(1, 4).stream().map(Case::prompt).toList();
    float[] together = weighted.encode(prompts).toFloats();
    try (SafetensorsFile expected = SafetensorsFile.open(STATES)) {
      for (int i = 0; i < prompts.size(); i++) {
        float[] alone = weighted.encode(List.of(prompts.get(i))).toFloats();
        assertClose(alone, expected.readFloats(Integer.toString(i + 1)), 1e-4);
        assertThat(Arrays.copyOfRange(together, i * alone.length, (i + 1) * alone.length))
            .isEqualTo(alone);
      }
    }
  }

  @Test
  void withoutWeightsNothingChanges() {
    String prompt = "a photo of a cat";
    assertThat(weighted.encode(List.of(prompt)).toFloats())
        .isEqualTo(plain.encode(List.of(prompt)).toFloats());
    assertThat(weighted.readingOf(List.of(prompt))).isEmpty();
    assertThat(plain.readingOf(List.of("a (cat:1.2)"))).isEmpty();
    assertThat(weighted.readingOf(List.of("a (cat:1.2)")))
        .containsExactlyEntriesOf(Map.of("prompt weights", "A1111"));
  }

  @Test
  void wordsKeepTheirPlaces() {
    ClipTokenizer tokenizer = weighted.tokenizer();
    String prompt = "a ((white) cat:1.3) on a [beach]";
    assertThat(tokenizer.withoutWeights(prompt)).isEqualTo("a white cat on a beach");
    for (String word : List.of("white", "cat", "beach")) {
      assertThat(tokenizer.tokensOf(prompt, word))
          .isEqualTo(plain.tokenizer().tokensOf("a white cat on a beach", word));
    }
    assertThat(plain.tokenizer().withoutWeights(prompt)).isEqualTo(prompt);
  }

  @Test
  void refusesWhatIsNoNumber() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> weighted.tokenizer().tokenize("a (cat:1.2.3)"))
        .withMessage("the weight 1.2.3 in \"a (cat:1.2.3)\" should be a number");
  }
}
