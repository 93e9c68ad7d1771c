package io.github.pix2pixzero.stablediffusion;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.LearnedWord;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Learned words on top of the toy model give what transformers gives after add_tokens. */
class TextualInversionTest {
  private static final Path TOY = Path.of("..", "toy-world", "model");
  private static final Path GOLDENS =
      Path.of("src", "test", "resources", "goldens", "textual-inversion");
  private static final Backend BACKEND = Backends.named("plain", 1);

  @TempDir private Path temp;

  @ParameterizedTest
  @CsvSource({
    "kitten.safetensors:<kitten>",
    "named.safetensors",
    "a1111.pt:<kitten>",
    "published.pt:<kitten>",
  })
  void wordsOfSeveralVectorsAreRead(String choice) throws IOException {
    StableDiffusion model = load(choice);
    agrees(model, "kitten", "a photo of a <kitten> in the snow");
    ClipTokenizer tokenizer = model.tokenizer();
    assertThat(tokenizer.tokensOf("a photo of a <Kitten> in the snow", "<kitten>"))
        .containsExactly(5, 6);
    assertThat(tokenizer.tokensOf("a photo of a <kitten> in the snow", "snow")).containsExactly(9);
    assertThat(tokenizer.decode(tokenizer.tokenize("a <kitten>").ids()))
        .isEqualTo("a <kitten><kitten>_1");
  }

  @Test
  void severalWordsAreReadAtOnce() throws IOException {
    StableDiffusion model = load("named.safetensors", "learned_embeds.bin");
    agrees(model, "both", "<blob>, a <kitten> and a cat");
    assertThat(model.identity(List.of("a <kitten>")).reading())
        .containsExactly(entry(model, "<kitten>"));
    assertThat(model.identity(List.of("a cat")).reading()).isEmpty();
  }

  private static Map.Entry<String, String> entry(StableDiffusion model, String token) {
    return model.tokenizer().learnedWords().stream()
        .filter(word -> word.token().equals(token))
        .map(word -> Map.entry(token, word.hash()))
        .findFirst()
        .orElseThrow();
  }

  private static void agrees(StableDiffusion model, String name, String prompt) throws IOException {
    try (SafetensorsFile expected = SafetensorsFile.open(GOLDENS.resolve("expected.safetensors"))) {
      long[] ids = IntStream.of(model.tokenizer().encode(prompt)).asLongStream().toArray();
      assertThat(ids).isEqualTo(expected.readLongs(name + ".ids"));
      assertClose(
          model.embed(prompt).states().toFloats(), expected.readFloats(name + ".states"), 1e-4);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "kitten.safetensors, kitten, 2",
    "named.safetensors, <kitten>, 2",
    "a1111.pt, a1111, 2",
    "learned_embeds.bin, <blob>, 1",
    "kitten.safetensors:cat-toy, cat-toy, 2",
  })
  void wordsAreCalledAsTheirFileSays(String choice, String token, int vectors) throws IOException {
    LearnedWord word =
        TextualInversion.read(EmbeddingChoice.of(GOLDENS.resolve(choice).toString()));
    assertThat(word.token()).isEqualTo(token);
    assertThat(word.count()).isEqualTo(vectors);
    assertThat(word.width()).isEqualTo(192);
    assertThat(word.hash()).matches("[0-9a-f]{12}");
  }

  @Test
  void aTokenStandsBehindTheFile() {
    assertThat(EmbeddingChoice.of("a.pt:<x:y>"))
        .isEqualTo(new EmbeddingChoice(Path.of("a.pt"), Optional.of("<x:y>")));
    assertThat(EmbeddingChoice.of("a.safetensors"))
        .isEqualTo(new EmbeddingChoice(Path.of("a.safetensors"), Optional.empty()));
  }

  @Test
  void refusesWhatDoesNotFit() throws IOException {
    assertThatIOException()
        .isThrownBy(() -> load("xl.safetensors"))
        .withMessageContaining("is a learned word for Stable Diffusion XL");
    Path wide = temp.resolve("wide.safetensors");
    new SafetensorsWriter().add("emb_params", new long[] {2, 1024}, new float[2048]).write(wide);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> load(wide.toAbsolutePath().toString()))
        .withMessageContaining(
            "the learned word \"wide\" is for text encoders of width 1024 (Stable Diffusion 2.x),"
                + " this one's is 192");
    assertThatIOException()
        .isThrownBy(() -> load("kitten.safetensors:cat</w>"))
        .withMessageContaining("\"cat</w>\" is a token already");
    Path two = temp.resolve("two.safetensors");
    new SafetensorsWriter()
        .add("a", new long[] {192}, new float[192])
        .add("b", new long[] {192}, new float[192])
        .write(two);
    assertThatIOException()
        .isThrownBy(() -> load(two.toAbsolutePath().toString()))
        .withMessageContaining("two.safetensors is no learned word: it holds a, b, expected one");
    Path none = temp.resolve("none.safetensors");
    new SafetensorsWriter().add("emb_params", new long[] {1}, new float[] {Float.NaN}).write(none);
    assertThatIOException()
        .isThrownBy(() -> load(none.toAbsolutePath().toString()))
        .withMessageContaining("\"none\" holds numbers that are not finite");
  }

  private static StableDiffusion load(String... choices) throws IOException {
    LoadOptions.Builder options = LoadOptions.builder();
    for (String choice : choices) {
      options.embedding(EmbeddingChoice.of(GOLDENS.resolve(choice).toString()));
    }
    return StableDiffusion.load(TOY, BACKEND, options.build(), LoadListener.NONE);
  }
}
