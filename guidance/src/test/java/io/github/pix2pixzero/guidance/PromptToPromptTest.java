package io.github.pix2pixzero.guidance;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static io.github.pix2pixzero.unet.PromptRow.CAPTION;
import static io.github.pix2pixzero.unet.PromptRow.EDITED;
import static io.github.pix2pixzero.unet.PromptRow.NEGATIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.clip.ClipTokenizer;
import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.Trajectory;
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
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.TextContext;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Mostly on prompts of five tokens: begin 0, end 9, and words between them. */
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
    recorder.attend(
        CROSS,
        map,
        map.dim(0) == 1 ? ImmutableList.of(CAPTION) : ImmutableList.of(NEGATIVE, CAPTION));
    return recorder;
  }

  private static float[] edited(MapEdit edit, MapRecorder original, Tensor probs) {
    return edit.control(original, true, site -> false)
        .attend(
            CROSS,
            probs,
            probs.dim(0) == 1 ? ImmutableList.of(EDITED) : ImmutableList.of(NEGATIVE, EDITED))
        .toFloats();
  }

  @Test
  void replacesRefinesAndReweights() {
    MapRecorder original = recorded(map(0.5f, 0.1f, 0.2f, 0.15f, 0.05f));
    Tensor probs = map(0.3f, 0.3f, 0.1f, 0.2f, 0.1f);
    TokenAlignment swapped = align(new int[] {0, 1, 2, 3, 9}, 0, 1, 7, 3, 9);
    MapEdit replace = MapEdit.replace(swapped);
    assertClose(
        edited(replace, original, probs), new float[] {0.5f, 0.1f, 0.2f, 0.15f, 0.05f}, 1e-6);
    assertClose(
        edited(MapEdit.refine(swapped), original, probs),
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
        edited(MapEdit.replace(phrase), original, probs),
        new float[] {0.5f, 0.1f, 0.1f, 0.1f, 0.15f},
        1e-6);
  }

  @Test
  void leavesTheRowsOfClassifierFreeGuidanceAlone() {
    MapRecorder original = recorded(Tensor.of(BACKEND, new float[] {7, 7, 0.9f, 0.1f}, 2, 1, 1, 2));
    Tensor probs = Tensor.of(BACKEND, new float[] {0.3f, 0.7f, 0.4f, 0.6f}, 2, 1, 1, 2);
    MapEdit replace = MapEdit.replace(align(new int[] {0, 1}, 0, 2));
    assertClose(edited(replace, original, probs), new float[] {0.3f, 0.7f, 0.9f, 0.1f}, 1e-6);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> edited(replace, recorded(map(1, 0, 0)), map(1, 0, 0)))
        .withMessage("the prompts that were aligned have 2 tokens, the maps 3");
  }

  private static Prompts prompts(PhiloxGenerator generator) {
    return Prompts.ofEdit(
        new TextEmbedding(embedding(generator)),
        new TextEmbedding(embedding(generator)),
        new TextEmbedding(embedding(generator)));
  }

  private static Tensor embedding(PhiloxGenerator generator) {
    return Tensor.of(BACKEND, generator.normal(77 * 192), 1, 77, 192);
  }

  private static TextContext row(Tensor embedding, PromptRow row) {
    return new TextContext(embedding, List.of(row));
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
      float[] expected = unet.forward(latent, 501, row(prompt, CAPTION), maps).toFloats();
      AttentionControl control = MapEdit.replace(identity()).control(maps, true, site -> true);
      assertClose(
          unet.forward(latent, 501, row(prompt, EDITED), control).toFloats(), expected, 1e-4);
      // Another prompt brings its own values, but looks where the first one looked.
      Tensor other = embedding(generator);
      MapRecorder seen = new MapRecorder(site -> true);
      unet.forward(latent, 501, row(other, EDITED), control.andThen(seen));
      assertThat(seen.maps()).hasSize(unet.sites().size());
      seen.maps()
          .forEach((site, map) -> assertClose(map.toFloats(), maps.map(site).toFloats(), 1e-6));
    }
  }

  /** Captions, whose tokens are the same; the embeddings need not be theirs. */
  private static PromptEdit edit(PromptToPrompt settings) throws IOException {
    return PromptEdit.of(settings, tokenizer(), "a cat", "a cat");
  }

  private static PromptToPrompt steps(double cross, double self) {
    return PromptToPrompt.DEFAULTS
        .withGuidanceScale(2)
        .withCrossSteps(cross)
        .withSelfSteps(self)
        .withSelfDownscale(1);
  }

  @Test
  void drawsBothPicturesInLockstep() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(toy().at("unet"), BACKEND);
    NoiseSchedule schedule = NoiseSchedule.from(toy().json("scheduler/scheduler_config.json"));
    PromptToPromptSampler sampler = new PromptToPromptSampler(unet, schedule);
    try (Scope scope = Scope.open()) {
      PhiloxGenerator generator = new PhiloxGenerator(6);
      Tensor noise = Tensor.of(BACKEND, generator.normal(4 * 8 * 12), 1, 4, 8, 12);
      ReferenceBranch drawn = ReferenceBranch.reconstructed(noise);
      Prompts prompts = prompts(generator);

      // With no step edited each is what plain sampling draws.
      LatentPair none = sampler.sample(drawn, prompts, edit(steps(0, 0)), 3, StepListener.none());
      LatentPair plain =
          new GuidedSampler(unet, schedule)
              .sample(
                  noise,
                  prompts,
                  3,
                  Published.DEFAULTS.withGuidanceScale(2).withGuidanceAmount(0),
                  StepListener.none());
      assertClose(none.reference().toFloats(), plain.reference().toFloats(), 1e-4);
      assertClose(none.edited().toFloats(), plain.edited().toFloats(), 1e-4);

      // The first picture does not know of the second; self-attention keeps its layout.
      LatentPair cross = sampler.sample(drawn, prompts, edit(steps(1, 0)), 3, StepListener.none());
      LatentPair all = sampler.sample(drawn, prompts, edit(steps(1, 1)), 3, StepListener.none());
      assertClose(all.reference().toFloats(), none.reference().toFloats(), 1e-4);
      assertThat(distance(all)).isLessThan(distance(cross));
      assertThat(noise.toFloats()).isEqualTo(new PhiloxGenerator(6).normal(4 * 8 * 12));

      // A single step by hand: both rows of guidance, the prompt's with the maps of the original.
      int t = new DdimScheduler(schedule, 1).timesteps()[0];
      MapRecorder maps = new MapRecorder(AttentionSite::isCross);
      unet.forward(noise, t, prompts.context(List.of(CAPTION)), maps);
      Tensor edited =
          unet.forward(
              noise,
              t,
              prompts.context(List.of(EDITED)),
              MapEdit.replace(identity()).control(maps, true, site -> false));
      Tensor negative = unet.forward(noise, t, prompts.get(NEGATIVE).states());
      Tensor predicted = negative.add(edited.sub(negative).mul(2f));
      assertClose(
          sampler
              .sample(drawn, prompts, edit(steps(1, 0)), 1, StepListener.none())
              .edited()
              .toFloats(),
          new DdimScheduler(schedule, 1).step(predicted, t, noise).toFloats(),
          1e-4);
    }
  }

  /** Beside the latents of its own reconstruction an edit is what it is beside that. */
  @Test
  void followsATrajectory() throws IOException {
    UNet2DConditionModel unet = UNet2DConditionModel.load(toy().at("unet"), BACKEND);
    NoiseSchedule schedule = NoiseSchedule.from(toy().json("scheduler/scheduler_config.json"));
    PromptToPromptSampler sampler = new PromptToPromptSampler(unet, schedule);
    try (Scope scope = Scope.open()) {
      PhiloxGenerator generator = new PhiloxGenerator(7);
      Tensor noise = Tensor.of(BACKEND, generator.normal(4 * 8 * 12), 1, 4, 8, 12);
      Prompts prompts = prompts(generator);
      PromptEdit edit = edit(steps(0.7, 0.5).withBlend(LocalBlend.of("cat").withThreshold(0.9)));
      List<Tensor> latents = new ArrayList<>(List.of(noise));
      LatentPair drawn =
          sampler.sample(
              ReferenceBranch.reconstructed(noise),
              prompts,
              edit,
              4,
              (step, steps, pair) -> latents.add(0, scope.keep(pair.reference().add(0f))));
      Trajectory trajectory = new Trajectory(ImmutableList.copyOf(latents));
      LatentPair beside =
          sampler.sample(ReferenceBranch.along(trajectory), prompts, edit, 4, StepListener.none());
      assertThat(beside.reference()).isSameAs(trajectory.after(0));
      assertClose(beside.edited().toFloats(), drawn.edited().toFloats(), 1e-4);
      assertThat(drawn.edited().toFloats()).isNotEqualTo(drawn.reference().toFloats());
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  sampler.sample(
                      ReferenceBranch.along(trajectory), prompts, edit, 5, StepListener.none()))
          .withMessage("5 steps beside a trajectory of 4");
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  sampler.sample(
                      ReferenceBranch.along(trajectory),
                      prompts,
                      edit(steps(1, 0).withBlend(LocalBlend.of("cat").withDownscale(4))),
                      4,
                      StepListener.none()))
          .withMessage(
              "a local blend needs maps of downscale 4 outside the middle of the network; there"
                  + " are [1, 2]");
    }
  }

  private static double distance(LatentPair result) {
    float[] a = result.reference().toFloats();
    float[] b = result.edited().toFloats();
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }

  private static ClipTokenizer tokenizer() throws IOException {
    return ClipTokenizer.load(toy().at("tokenizer"));
  }

  private static ModelFolder toy() {
    return ModelFolder.ofResources(
        PromptToPromptTest.class, "io/github/pix2pixzero/toyworld/model");
  }
}
