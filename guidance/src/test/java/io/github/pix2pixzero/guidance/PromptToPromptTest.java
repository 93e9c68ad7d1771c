package io.github.pix2pixzero.guidance;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.guidance.GuidedSampler.Prompts;
import io.github.pix2pixzero.guidance.GuidedSampler.Result;
import io.github.pix2pixzero.guidance.PromptToPromptSampler.Settings;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.AttentionSite.Kind;
import io.github.pix2pixzero.unet.AttentionSite.Stage;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.io.IOException;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Mostly on prompts of five tokens: begin 0, end 9, and words between them. */
class PromptToPromptTest {
  private static final Backend BACKEND = Backends.best(1);
  private static final AttentionSite CROSS =
      new AttentionSite("cross", Stage.MID, 4, 1, Kind.CROSS);

  private static final GuidedSampler.Listener NOBODY = GuidedSampler.Listener.NONE;

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
  void paddingIsNotTakenForAWord() {
    // A word at the end becomes two, and two become one; 9 ends a prompt and pads it.
    TokenAlignment longer = align(new int[] {0, 1, 2, 9, 9, 9}, 0, 1, 7, 8, 9, 9);
    assertThat(longer.same()).containsExactly(true, true, false, false, true, true);
    assertThat(longer.matrix(BACKEND).toFloats()[3 * 6 + 4]).isEqualTo(1);
    TokenAlignment shorter = align(new int[] {0, 1, 7, 8, 9, 9}, 0, 1, 2, 9, 9, 9);
    assertThat(shorter.same()).containsExactly(true, true, false, true, true, false);
    float[] matrix = shorter.matrix(BACKEND).toFloats();
    assertThat(matrix[2 * 6 + 2]).isEqualTo(1);
    assertThat(matrix[3 * 6 + 2]).isEqualTo(1);
    // The last place has no counterpart left.
    assertThat(shorter.matched()).containsExactly(true, true, true, true, true, false);
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

  private static float[] edited(PromptToPrompt edit, MapRecorder original, Tensor probs) {
    return edit.control(original, true, site -> false).attend(CROSS, probs).toFloats();
  }

  @Test
  void replacesRefinesAndReweights() {
    MapRecorder original = recorded(map(0.5f, 0.1f, 0.2f, 0.15f, 0.05f));
    Tensor probs = map(0.3f, 0.3f, 0.1f, 0.2f, 0.1f);
    TokenAlignment swapped = align(new int[] {0, 1, 2, 3, 9}, 0, 1, 7, 3, 9);
    PromptToPrompt replace = PromptToPrompt.replace(swapped);
    assertClose(
        edited(replace, original, probs), new float[] {0.5f, 0.1f, 0.2f, 0.15f, 0.05f}, 1e-6);
    assertClose(
        edited(PromptToPrompt.refine(swapped), original, probs),
        new float[] {0.5f, 0.1f, 0.1f, 0.15f, 0.05f},
        1e-6);
    assertClose(
        edited(replace.reweighted(Map.of(2, 3.0, 3, 0.0)), original, probs),
        new float[] {0.5f, 0.1f, 0.6f, 0, 0.05f},
        1e-6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> replace.reweighted(Map.of(5, 1.0)))
        .withMessage("the prompt has tokens 0 to 4, not 5");
  }

  @Test
  void aPhraseSharesWhatItsWordGot() {
    // "1 2" becomes "1 7 8": both halves of the phrase get half of 0.2; padding moves along.
    MapRecorder original = recorded(map(0.5f, 0.1f, 0.2f, 0.15f, 0.05f));
    Tensor probs = map(0.2f, 0.2f, 0.2f, 0.2f, 0.2f);
    TokenAlignment phrase = align(new int[] {0, 1, 2, 9, 9}, 0, 1, 7, 8, 9);
    assertClose(
        edited(PromptToPrompt.replace(phrase), original, probs),
        new float[] {0.5f, 0.1f, 0.1f, 0.1f, 0.15f},
        1e-6);
  }

  @Test
  void leavesTheRowsOfClassifierFreeGuidanceAlone() {
    MapRecorder original = recorded(Tensor.of(BACKEND, new float[] {0.9f, 0.1f, 7, 7}, 2, 1, 1, 2));
    Tensor probs = Tensor.of(BACKEND, new float[] {0.4f, 0.6f, 0.3f, 0.7f}, 2, 1, 1, 2);
    PromptToPrompt replace = PromptToPrompt.replace(align(new int[] {0, 1}, 0, 2));
    assertClose(edited(replace, original, probs), new float[] {0.9f, 0.1f, 0.3f, 0.7f}, 1e-6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> edited(replace, recorded(map(1, 0, 0)), map(1, 0, 0)))
        .withMessage("the prompts that were aligned have 2 tokens, the maps 3");
  }

  private static Prompts prompts(PhiloxGenerator generator) {
    return new Prompts(embedding(generator), embedding(generator), embedding(generator));
  }

  private static Tensor embedding(PhiloxGenerator generator) {
    return Tensor.of(BACKEND, generator.normal(77 * 192), 1, 77, 192);
  }

  private static TokenAlignment identity() {
    int[] ids = IntStream.range(0, 77).toArray();
    return align(ids, ids);
  }

  @Test
  void mapsPutInTheirOwnPlaceChangeNothing() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(toy().at("unet"), BACKEND);
    try (Scope scope = Scope.open()) {
      PhiloxGenerator generator = new PhiloxGenerator(5);
      Tensor latent = Tensor.of(BACKEND, generator.normal(4 * 8 * 12), 1, 4, 8, 12);
      Tensor prompt = embedding(generator);
      MapRecorder maps = new MapRecorder(site -> true);
      float[] expected = unet.forward(latent, 501, prompt, maps).toFloats();
      AttentionControl control =
          PromptToPrompt.replace(identity()).control(maps, true, site -> true);
      assertClose(unet.forward(latent, 501, prompt, control).toFloats(), expected, 1e-4);
      // Another prompt brings its own values, but looks where the first one looked.
      Tensor other = embedding(generator);
      MapRecorder seen = new MapRecorder(site -> true);
      unet.forward(latent, 501, other, both(control, seen));
      assertThat(seen.maps()).hasSize(unet.sites().size());
      seen.maps()
          .forEach((site, map) -> assertClose(map.toFloats(), maps.map(site).toFloats(), 1e-6));
    }
  }

  /** What the second sees is what the first has made of it. */
  private static AttentionControl both(AttentionControl first, AttentionControl second) {
    return new AttentionControl() {
      @Override
      public boolean wants(AttentionSite site) {
        return first.wants(site) && second.wants(site);
      }

      @Override
      public Tensor attend(AttentionSite site, Tensor probs) {
        return second.attend(site, first.attend(site, probs));
      }
    };
  }

  @Test
  void drawsBothPicturesInLockstep() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(toy().at("unet"), BACKEND);
    NoiseSchedule schedule = NoiseSchedule.from(toy().json("scheduler/scheduler_config.json"));
    PromptToPromptSampler sampler = new PromptToPromptSampler(unet, schedule);
    try (Scope scope = Scope.open()) {
      PhiloxGenerator generator = new PhiloxGenerator(6);
      Tensor noise = Tensor.of(BACKEND, generator.normal(4 * 8 * 12), 1, 4, 8, 12);
      Prompts prompts = prompts(generator);
      PromptToPrompt edit = PromptToPrompt.replace(identity());

      // With no step edited each is what plain sampling draws.
      Result none = sampler.sample(noise, prompts, edit, new Settings(3, 2, 0, 0, 1), NOBODY);
      Result plain =
          new GuidedSampler(unet, schedule, new CrossAttentionLoss())
              .sample(
                  noise, prompts, new GuidedSampler.Settings(3, 2, 0, GradientMode.FULL), NOBODY);
      assertClose(none.reference().toFloats(), plain.reference().toFloats(), 1e-4);
      assertClose(none.edited().toFloats(), plain.edited().toFloats(), 1e-4);

      // The first picture does not know of the second; self-attention keeps its layout.
      Result cross = sampler.sample(noise, prompts, edit, new Settings(3, 2, 1, 0, 1), NOBODY);
      Result all = sampler.sample(noise, prompts, edit, new Settings(3, 2, 1, 1, 1), NOBODY);
      assertClose(all.reference().toFloats(), none.reference().toFloats(), 1e-4);
      assertThat(distance(all)).isLessThan(distance(cross));
      assertThat(noise.toFloats()).isEqualTo(new PhiloxGenerator(6).normal(4 * 8 * 12));

      // A single step by hand: both rows of guidance, the prompt's with the maps of the original.
      int t = new DdimScheduler(schedule, 1).timesteps()[0];
      MapRecorder maps = new MapRecorder(AttentionSite::isCross);
      unet.forward(noise, t, prompts.prompt(), maps);
      Tensor edited =
          unet.forward(noise, t, prompts.edited(), edit.control(maps, true, site -> false));
      Tensor negative = unet.forward(noise, t, prompts.negative());
      Tensor predicted = negative.add(edited.sub(negative).mul(2f));
      assertClose(
          sampler
              .sample(noise, prompts, edit, new Settings(1, 2, 1, 0, 1), NOBODY)
              .edited()
              .toFloats(),
          new DdimScheduler(schedule, 1).step(predicted, t, noise).toFloats(),
          1e-4);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Settings(3, 2, 1.5, 0, 1))
        .withMessage("shares of the steps should be 0 to 1, they are 1.5 and 0.0");
  }

  private static double distance(Result result) {
    float[] a = result.reference().toFloats();
    float[] b = result.edited().toFloats();
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }

  private static ModelFolder toy() {
    return ModelFolder.ofResources(
        PromptToPromptTest.class, "io/github/pix2pixzero/toyworld/model");
  }
}
