package io.github.pix2pixzero.guidance;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static io.github.pix2pixzero.unet.PromptRow.CAPTION;
import static io.github.pix2pixzero.unet.PromptRow.EDITED;
import static io.github.pix2pixzero.unet.PromptRow.NEGATIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the reference vectors of the whole pipeline do not show: modes, limits and memory. */
class GuidedSamplerTest {
  private static final Backend BACKEND = Backends.best(2);
  private static final double TOLERANCE = 1e-5;
  private static UNet2DConditionModel unet;
  private static NoiseSchedule schedule;

  private Scope scope;
  private Tensor latent;
  private Prompts prompts;

  @BeforeAll
  static void load() throws IOException {
    ModelFolder toy =
        ModelFolder.ofResources(GuidedSamplerTest.class, "io/github/pix2pixzero/toyworld/model");
    unet = UNet2DConditionModel.load(toy.at("unet"), BACKEND);
    schedule = NoiseSchedule.from(toy.json("scheduler/scheduler_config.json"));
  }

  @BeforeEach
  void draw() {
    scope = Scope.open();
    PhiloxGenerator generator = new PhiloxGenerator(7);
    latent = Tensor.of(BACKEND, generator.normal(4 * 8 * 8), 1, 4, 8, 8);
    prompts = Prompts.ofEdit(embedding(generator), embedding(generator), embedding(generator));
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static TextEmbedding embedding(PhiloxGenerator generator) {
    return new TextEmbedding(Tensor.of(BACKEND, generator.normal(77 * 192), 1, 77, 192));
  }

  @Test
  void fullFollowsTheGradientOfTheSharedLatent() {
    Published settings = settings(5, 0.3, GradientMode.FULL);
    List<LatentPair> steps = new ArrayList<>();
    sampler().sample(latent, prompts, 2, settings, (i, n, current) -> steps.add(copy(current)));

    int timestep = new DdimScheduler(schedule, 2).timesteps()[0];
    Tensor both = Tensor.concat(0, latent, latent).variable();
    Tensor halves = gradient(both, timestep);
    Tensor gradient = halves.slice(0, 0, 1).add(halves.slice(0, 1, 2));
    Tensor moved = latent.sub(gradient.mul(0.3f));
    assertClose(
        steps.get(0).edited().toFloats(), step(moved, moved, timestep).toFloats(), TOLERANCE);
  }

  @Test
  void referenceCarriesTheUnconditionalHalfOn() {
    Published settings = settings(5, 0.3, GradientMode.REFERENCE);
    List<LatentPair> steps = new ArrayList<>();
    sampler().sample(latent, prompts, 2, settings, (i, n, current) -> steps.add(copy(current)));

    int timestep = new DdimScheduler(schedule, 2).timesteps()[0];
    Tensor both = Tensor.concat(0, latent, latent);
    Tensor moved = both.sub(gradient(both.variable(), timestep).mul(0.3f));
    Tensor expected = step(moved.slice(0, 0, 1), moved.slice(0, 1, 2), timestep);
    assertClose(steps.get(0).edited().toFloats(), expected.toFloats(), TOLERANCE);
  }

  @Test
  void withoutGuidanceAndWithTheSamePromptTheEditIsTheReconstruction() {
    Prompts same =
        Prompts.ofEdit(prompts.get(CAPTION), prompts.get(NEGATIVE), prompts.get(CAPTION));
    Published settings = settings(5, 0, GradientMode.FULL);
    LatentPair result = sampler().sample(latent, same, 3, settings, StepListener.none());
    assertThat(result.edited().toFloats()).isEqualTo(result.reference().toFloats());
  }

  @Test
  void guidancePullsTheEditTowardsTheReference() {
    double without = distance(settings(5, 0, GradientMode.FULL));
    double with = distance(settings(5, 2, GradientMode.FULL));
    assertThat(with).isLessThan(without);
  }

  private double distance(Published settings) {
    LatentPair result = sampler().sample(latent, prompts, 4, settings, StepListener.none());
    return result.edited().sub(result.reference()).square().sum().item();
  }

  @Test
  void bothModesAgreeWithoutClassifierFreeGuidance() {
    LatentPair full =
        sampler()
            .sample(latent, prompts, 2, settings(1, 0.3, GradientMode.FULL), StepListener.none());
    LatentPair reference =
        sampler()
            .sample(
                latent, prompts, 2, settings(1, 0.3, GradientMode.REFERENCE), StepListener.none());
    assertThat(full.edited().toFloats()).isEqualTo(reference.edited().toFloats());
    assertThat(full.edited().toFloats()).isNotEqualTo(full.reference().toFloats());
  }

  @Test
  void stepsAfterTheFirstAllocateNothing() {
    List<Long> held = new ArrayList<>();
    sampler()
        .sample(
            latent,
            prompts,
            5,
            settings(5, 0.1, GradientMode.REFERENCE),
            (i, n, current) -> held.add(BACKEND.memory().peak()));
    assertThat(held.subList(1, 5)).containsOnly(held.get(1));
  }

  @Test
  void recordsTheMapsInTheOrderOfTheNetwork() {
    MapRecorder maps = new MapRecorder(AttentionSite::isCross);
    unet.forward(latent, 500, prompts.get(CAPTION).states(), maps);
    assertThat(maps.maps().keySet())
        .containsExactlyElementsOf(unet.sites().stream().filter(AttentionSite::isCross).toList());
  }

  @Test
  void refusesALossThatWantsNoSite() {
    GuidanceLoss blind =
        new GuidanceLoss() {
          @Override
          public boolean wants(AttentionSite site) {
            return false;
          }

          @Override
          public Tensor term(AttentionSite site, Tensor edited, Tensor reference) {
            throw new AssertionError("nobody asked");
          }
        };
    Published settings = settings(5, 0.1, GradientMode.FULL).withLoss(blind);
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                new GuidedSampler(unet, schedule)
                    .sample(latent, prompts, 1, settings, StepListener.none()))
        .withMessage("the guidance loss wanted no attention site of this network");
  }

  @Test
  void refusesSettingsThatMakeNoSense() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(5, -0.1, GradientMode.FULL))
        .withMessage("the guidance amount should be 0 or more, it is -0.1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(Double.NaN, 0.1, GradientMode.FULL))
        .withMessage("the guidance scale should be 0 or more, it is NaN");
  }

  private static Published settings(double scale, double amount, GradientMode gradient) {
    return Published.DEFAULTS
        .withGuidanceScale(scale)
        .withGuidanceAmount(amount)
        .withGradient(gradient);
  }

  private static GuidedSampler sampler() {
    return new GuidedSampler(unet, schedule);
  }

  private LatentPair copy(LatentPair current) {
    return new LatentPair(
        scope.adopt(current.reference().mul(1)), scope.adopt(current.edited().mul(1)));
  }

  /** The gradient of the published loss with respect to each half of a guidance batch. */
  private Tensor gradient(Tensor both, int timestep) {
    MapRecorder maps = new MapRecorder(AttentionSite::isCross);
    unet.forward(
        both.detached(),
        timestep,
        Tensor.concat(0, prompts.get(NEGATIVE).states(), prompts.get(CAPTION).states()),
        maps);
    LossControl loss = new LossControl(new CrossAttentionLoss(), maps);
    unet.forward(
        both,
        timestep,
        Tensor.concat(0, prompts.get(NEGATIVE).states(), prompts.get(EDITED).states()),
        loss);
    return Autograd.grad(loss.total(), both)[0];
  }

  private Tensor step(Tensor unconditional, Tensor conditional, int timestep) {
    Tensor noise =
        unet.forward(
            Tensor.concat(0, unconditional, conditional),
            timestep,
            Tensor.concat(0, prompts.get(NEGATIVE).states(), prompts.get(EDITED).states()));
    Tensor first = noise.slice(0, 0, 1);
    Tensor combined = first.add(noise.slice(0, 1, 2).sub(first).mul(5f));
    return new DdimScheduler(schedule, 2).step(combined, timestep, unconditional);
  }
}
