package io.github.pix2pixzero.guidance;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.AttentionSite.Kind;
import io.github.pix2pixzero.unet.AttentionSite.Stage;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Prompts of five tokens: begin 0, end 9, and words between them. */
class PromptToPromptTest {
  private static final Backend BACKEND = Backends.best(1);
  private static final AttentionSite CROSS =
      new AttentionSite("cross", Stage.MID, 4, 1, Kind.CROSS);

  private static TokenAlignment align(int[] original, int... edited) {
    return TokenAlignment.of(original, edited);
  }

  @Test
  void alignsASwappedWord() {
    TokenAlignment alignment = align(new int[] {0, 1, 2, 3, 9}, 0, 1, 7, 3, 9);
    assertThat(alignment.matched()).containsOnly(true);
    assertThat(alignment.same()).containsExactly(true, true, false, true, true);
    assertThat(alignment.matrix(BACKEND).toFloats())
        .containsExactly(1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1);
  }

  @Test
  void spreadsAWordOverAPhrase() {
    // 2 becomes 7 8; one end falls off, as with padding.
    TokenAlignment alignment = align(new int[] {0, 2, 3, 9, 9}, 0, 7, 8, 3, 9);
    float[] matrix = alignment.matrix(BACKEND).toFloats();
    assertThat(matrix[5 + 1]).isEqualTo(0.5f);
    assertThat(matrix[5 + 2]).isEqualTo(0.5f);
    assertThat(matrix[2 * 5 + 3]).isEqualTo(1);
    assertThat(alignment.same()).containsExactly(true, false, false, true, true);
  }

  @Test
  void anInsertedWordHasNoCounterpart() {
    TokenAlignment alignment = align(new int[] {0, 1, 2, 9, 9}, 0, 1, 7, 2, 9);
    assertThat(alignment.matched()).containsExactly(true, true, false, true, true);
  }

  /** One head and one pixel, so that a map is a row. */
  private static Tensor map(float... probs) {
    return Tensor.of(BACKEND, probs, 1, 1, 1, probs.length);
  }

  private static MapRecorder recorded(Tensor map) {
    MapRecorder recorder = new MapRecorder(site -> true);
    recorder.attend(CROSS, map);
    return recorder;
  }

  @Test
  void replacesRefinesAndReweights() {
    MapRecorder original = recorded(map(0.5f, 0.1f, 0.2f, 0.15f, 0.05f));
    Tensor edited = map(0.3f, 0.3f, 0.1f, 0.2f, 0.1f);
    TokenAlignment swapped = align(new int[] {0, 1, 2, 3, 9}, 0, 1, 7, 3, 9);
    PromptToPrompt replace = PromptToPrompt.replace(original, swapped);
    assertClose(
        replace.attend(CROSS, edited).toFloats(),
        new float[] {0.5f, 0.1f, 0.2f, 0.15f, 0.05f},
        1e-6);
    assertClose(
        PromptToPrompt.refine(original, swapped).attend(CROSS, edited).toFloats(),
        new float[] {0.5f, 0.1f, 0.1f, 0.15f, 0.05f},
        1e-6);
    assertClose(
        replace.reweighted(Map.of(2, 3.0, 3, 0.0)).attend(CROSS, edited).toFloats(),
        new float[] {0.5f, 0.1f, 0.6f, 0, 0.05f},
        1e-6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> replace.reweighted(Map.of(5, 1.0)))
        .withMessage("the prompt has 5 tokens, not 5");
  }

  @Test
  void withTheSamePromptAndAllMapsReplacedNothingChanges() throws IOException {
    ModelFolder toy =
        ModelFolder.ofResources(PromptToPromptTest.class, "io/github/pix2pixzero/toyworld/model");
    UNet2DConditionModel unet = UNet2DConditionModel.load(toy.at("unet"), BACKEND);
    try (Scope scope = Scope.open()) {
      PhiloxGenerator generator = new PhiloxGenerator(5);
      Tensor latent = Tensor.of(BACKEND, generator.normal(4 * 8 * 12), 1, 4, 8, 12);
      Tensor prompt = Tensor.of(BACKEND, generator.normal(77 * 192), 1, 77, 192);
      Tensor other = Tensor.of(BACKEND, generator.normal(77 * 192), 1, 77, 192);
      int[] ids = new int[77];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = i;
      }
      MapRecorder maps = new MapRecorder(site -> true);
      float[] expected = unet.forward(latent, 501, prompt, maps).toFloats();
      PromptToPrompt control =
          PromptToPrompt.replace(maps, TokenAlignment.of(ids, ids)).withSelfAttention(1);
      assertClose(unet.forward(latent, 501, prompt, control).toFloats(), expected, 1e-4);
      // Another prompt brings its own values, but looks where the first one looked.
      assertThat(unet.forward(latent, 501, other, control).toFloats()).isNotEqualTo(expected);
    }
  }
}
