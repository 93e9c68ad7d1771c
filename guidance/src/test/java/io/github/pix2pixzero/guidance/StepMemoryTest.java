package io.github.pix2pixzero.guidance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.inversion.DdimInverter;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.backend.MemoryUse;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An edit allocates nothing per step after the first: what a step needs is there from the one
 * before, and nothing is kept from step to step but the latents.
 */
class StepMemoryTest {
  private static final int MOST_STEPS = 6;
  private static final ModelFolder TOY =
      ModelFolder.ofResources(StepMemoryTest.class, "io/github/pix2pixzero/toyworld/model");

  private Backend backend;
  private UNet2DConditionModel unet;
  private NoiseSchedule schedule;

  private void load(String name) throws IOException {
    backend = Backends.named(name, 2);
    unet = UNet2DConditionModel.load(TOY.at("unet"), backend);
    schedule = NoiseSchedule.from(TOY.json("scheduler/scheduler_config.json"));
  }

  @ParameterizedTest
  @CsvSource({
    "vector, REFERENCE, 5, 0.1",
    "vector, FULL, 5, 0.1",
    "vector, FULL, 1, 0",
    "plain, REFERENCE, 5, 0.1"
  })
  void guidedSampling(String name, GradientMode mode, double scale, double amount)
      throws IOException {
    load(name);
    try (Scope edit = Scope.open()) {
      PhiloxGenerator generator = new PhiloxGenerator(7);
      Tensor latent = latent(generator);
      Prompts prompts =
          Prompts.ofEdit(
              new TextEmbedding(embedding(generator)),
              new TextEmbedding(embedding(generator)),
              new TextEmbedding(embedding(generator)));
      Published settings =
          Published.DEFAULTS.withGuidanceScale(scale).withGuidanceAmount(amount).withGradient(mode);
      List<MemoryUse> seen = new ArrayList<>();
      checkSteps(
          steps ->
              new GuidedSampler(unet, schedule)
                  .sample(
                      latent,
                      prompts,
                      steps,
                      settings,
                      (step, count, current) -> seen.add(backend.memory())),
          seen);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector", "plain"})
  void inversion(String name) throws IOException {
    load(name);
    try (Scope edit = Scope.open()) {
      PhiloxGenerator generator = new PhiloxGenerator(7);
      Tensor latent = latent(generator);
      Tensor prompt = embedding(generator);
      List<MemoryUse> seen = new ArrayList<>();
      checkSteps(
          steps ->
              new DdimInverter(unet, schedule, NoiseRegularization.PUBLISHED)
                  .invert(
                      latent,
                      prompt,
                      steps,
                      new PhiloxGenerator(0),
                      (step, count, current) -> seen.add(backend.memory())),
          seen);
    }
  }

  /**
   * The first run packs the weights and makes the arrays; after that runs of few and of many steps
   * must take nothing more, and give everything back.
   */
  private void checkSteps(Run run, List<MemoryUse> seen) {
    MemoryUse loaded = backend.memory();
    take(run, MOST_STEPS);
    MemoryUse before = backend.memory();
    assertThat(before.allocated()).isGreaterThan(loaded.allocated());
    for (int steps : new int[] {3, MOST_STEPS}) {
      seen.clear();
      take(run, steps);
      assertThat(seen).hasSize(steps);
      MemoryUse first = seen.get(0);
      assertThat(seen).allSatisfy(step -> assertThat(step).isEqualTo(first));
      assertThat(backend.memory()).isEqualTo(before);
    }
  }

  private static void take(Run run, int steps) {
    try (Scope scope = Scope.open()) {
      run.steps(steps);
    }
  }

  @FunctionalInterface
  private interface Run {
    void steps(int count);
  }

  private Tensor latent(PhiloxGenerator generator) {
    return Tensor.of(backend, generator.normal(4 * 8 * 8), 1, 4, 8, 8);
  }

  private Tensor embedding(PhiloxGenerator generator) {
    return Tensor.of(backend, generator.normal(77 * 192), 1, 77, 192);
  }
}
