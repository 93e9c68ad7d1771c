package io.github.pix2pixzero.clip;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextEncoderTest {
  private static final String BACKENDS = "io.github.pix2pixzero.tensor.testing.TestBackends#cpu";

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void encodesMorePromptsThanAMiniBatchTakes(Backend backend) throws IOException {
    ClipTokenizer tokenizer = TestTokenizers.load("tokenizer-toy");
    ClipTextModel model = model(backend);
    TextEncoder encoder = new TextEncoder(tokenizer, model);
    List<String> prompts = IntStream.range(0, 35).mapToObj(i -> "a cat on " + i).toList();
    try (Scope scope = Scope.open()) {
      Tensor all = encoder.encode(prompts);

      assertThat(all.shape().toArray()).containsExactly(35, 77, 64);
      for (int i : new int[] {0, 15, 16, 31, 32, 34}) {
        Tensor alone = model.forward(new int[][] {tokenizer.encode(prompts.get(i))});
        assertClose(all.slice(0, i, i + 1).toFloats(), alone.toFloats(), 1e-5);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void tellsPromptsApart(Backend backend) throws IOException {
    TextEncoder encoder = new TextEncoder(TestTokenizers.load("tokenizer-toy"), model(backend));
    try (Scope scope = Scope.open()) {
      Tensor both = encoder.encode(List.of("a cat", "a dog", ""));
      Tensor cat = both.slice(0, 0, 1);
      Tensor dog = both.slice(0, 1, 2);

      // The first two tokens agree, the rest has seen another animal.
      assertClose(cat.slice(1, 0, 2).toFloats(), dog.slice(1, 0, 2).toFloats(), 1e-5);
      float difference = cat.slice(1, 2, 77).sub(dog.slice(1, 2, 77)).square().mean().item();
      assertThat(difference).isGreaterThan(1e-4f);
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void refusesNoPrompts(Backend backend) throws IOException {
    TextEncoder encoder = new TextEncoder(TestTokenizers.load("tokenizer-toy"), model(backend));

    assertThatThrownBy(() -> encoder.encode(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no prompts");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void refusesTheTokenizerOfAnotherCheckpoint(Backend backend) throws IOException {
    ClipTextModel model = model(backend);

    assertThatThrownBy(() -> new TextEncoder(TestTokenizers.CLIP, model))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("knows 49408 tokens")
        .hasMessageContaining("only 876");
  }

  private static ClipTextModel model(Backend backend) throws IOException {
    return ClipTextModel.load(
        ModelFolder.ofResources(TextEncoderTest.class, "goldens/clip-text-sd1"), backend);
  }
}
