package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.clip.TextEmbedding;
import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.guidance.GuidedSampler;
import io.github.pix2pixzero.guidance.LatentPair;
import io.github.pix2pixzero.guidance.LocalBlend;
import io.github.pix2pixzero.guidance.PromptEdit;
import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.guidance.PromptToPromptSampler;
import io.github.pix2pixzero.guidance.Prompts;
import io.github.pix2pixzero.guidance.Published;
import io.github.pix2pixzero.guidance.ReferenceBranch;
import io.github.pix2pixzero.guidance.TrajectorySampler;
import io.github.pix2pixzero.inversion.DdimInverter;
import io.github.pix2pixzero.inversion.DdimScheduler;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.NullText;
import io.github.pix2pixzero.inversion.NullTextInverter;
import io.github.pix2pixzero.inversion.StepListener;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import io.github.pix2pixzero.tensor.testing.SameOnEveryJdk;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** An edit of the toy model on CUDA is that of the CPU. */
@SameOnEveryJdk
class ToyEditTest {
  private static final ModelFolder TOY = ModelFolder.of(Path.of("../toy-world/model"));

  /** Of latents after several steps; see the pipeline's own test. */
  private static final double DRIFT = 3e-4;

  /**
   * Of the latents: half of what the model was trained on, as the emulated driver takes its time.
   */
  private static final int SIDE = 8;

  private static final int LATENT = 4 * SIDE * SIDE;

  @Test
  void anEditOfTheToyModelIsThatOfTheCpu() throws IOException {
    assertSame(ToyEditTest::edit);
  }

  @Test
  void promptToPromptIsThatOfTheCpu() throws IOException {
    assertSame(ToyEditTest::promptToPrompt);
  }

  @Test
  void nullTextInversionIsThatOfTheCpu() throws IOException {
    assertSame(ToyEditTest::nullText);
  }

  @Test
  void besideATrajectoryIsThatOfTheCpu() throws IOException {
    assertSame(ToyEditTest::besideATrajectory);
  }

  private record Toy(
      Backend backend, TextEncoder text, UNet2DConditionModel unet, NoiseSchedule schedule) {
    static Toy on(Backend backend) throws IOException {
      return new Toy(
          backend,
          TextEncoder.load(TOY, backend),
          UNet2DConditionModel.load(TOY.at("unet"), backend),
          NoiseSchedule.from(TOY.json("scheduler/scheduler_config.json")));
    }

    Tensor latent(float[] values) {
      return Tensor.of(backend, values, 1, 4, SIDE, SIDE);
    }
  }

  private static void assertSame(Function<Toy, float[][]> edits) throws IOException {
    float[][] expected = edits.apply(Toy.on(Backends.named("plain", 2)));
    float[][] actual = edits.apply(Toy.on(new CudaBackend(Precision.FLOAT32)));
    assertThat(actual.length).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertClose(actual[i], expected[i], DRIFT);
    }
  }

  /** Two steps from a noise, with maps replaced, re-weighted and blended. */
  private static float[][] promptToPrompt(Toy toy) {
    String caption = "a photo of a cat";
    String target = "a photo of a dog";
    PromptToPrompt settings =
        PromptToPrompt.DEFAULTS
            .withSelfDownscale(2)
            .withReweight(Map.of("dog", 2.0))
            .withBlend(LocalBlend.of("cat", "dog").withThreshold(0.8));
    try (Scope scope = Scope.open()) {
      Tensor noise = toy.latent(new TorchCpuGenerator(2).normal(LATENT));
      LatentPair result =
          new PromptToPromptSampler(toy.unet(), toy.schedule())
              .sample(
                  ReferenceBranch.reconstructed(noise),
                  Prompts.ofEdit(
                      toy.text().embed(caption), toy.text().embed(""), toy.text().embed(target)),
                  PromptEdit.of(settings, toy.text().tokenizer(), caption, target),
                  2,
                  StepListener.none());
      return new float[][] {result.reference().toFloats(), result.edited().toFloats()};
    }
  }

  /** Two steps, the second of which uses the deep features of the first again. */
  private static float[][] besideATrajectory(Toy toy) {
    TorchCpuGenerator generator = new TorchCpuGenerator(3);
    try (Scope scope = Scope.open()) {
      ImmutableList.Builder<Tensor> latents = ImmutableList.builder();
      for (int i = 0; i < 3; i++) {
        latents.add(toy.latent(generator.normal(LATENT)));
      }
      Prompts prompts =
          Prompts.ofEdit(
              toy.text().embed("a photo of a cat"),
              toy.text().embed(""),
              toy.text().embed("a photo of a dog"));
      LatentPair result =
          new TrajectorySampler(toy.unet(), toy.schedule())
              .sample(
                  new Trajectory(latents.build()),
                  Optional.empty(),
                  Optional.empty(),
                  prompts,
                  BesideTrajectory.DEFAULTS.withGuidanceAmount(0),
                  StepListener.none());
      return new float[][] {result.edited().toFloats()};
    }
  }

  /**
   * A step that is fitted to where another embedding leads, near enough for few updates: what was
   * found, and an edit with it.
   */
  private static float[][] nullText(Toy toy) {
    String caption = "a photo of a cat";
    String target = "a photo of a dog";
    double scale = 20;
    try (Scope scope = Scope.open()) {
      Tensor noise = toy.latent(new TorchCpuGenerator(2).normal(LATENT));
      TextEmbedding of = toy.text().embed(caption);
      TextEmbedding empty = toy.text().embed("");
      DdimScheduler scheduler = new DdimScheduler(toy.schedule(), 1);
      int timestep = scheduler.timesteps()[0];
      Tensor conditional = toy.unet().forward(noise, timestep, of.states());
      Tensor other = empty.states().mul(0.7f).add(of.states().mul(0.3f));
      Tensor unconditional = toy.unet().forward(noise, timestep, other);
      Tensor led = unconditional.add(conditional.sub(unconditional).mul((float) scale));
      Trajectory trajectory =
          new Trajectory(ImmutableList.of(scheduler.step(led, timestep, noise), noise));
      int[] updates = new int[1];
      NullText found =
          new NullTextInverter(toy.unet(), toy.schedule())
              .invert(
                  trajectory,
                  of.states(),
                  empty.states(),
                  scale,
                  (step, steps, fit) -> updates[0] = fit.updates());
      assertThat(updates[0]).isBetween(2, 9); // of 10: Adam was in it, and it ended in time
      LatentPair result =
          new PromptToPromptSampler(toy.unet(), toy.schedule())
              .sample(
                  ReferenceBranch.nullText(noise, found),
                  Prompts.ofEdit(of, empty, toy.text().embed(target)),
                  PromptEdit.of(
                      PromptToPrompt.DEFAULTS.withGuidanceScale(scale),
                      toy.text().tokenizer(),
                      caption,
                      target),
                  1,
                  StepListener.none());
      return new float[][] {
        {updates[0]},
        found.at(0).toFloats(),
        result.reference().toFloats(),
        result.edited().toFloats()
      };
    }
  }

  /** Two steps back to the noise, two guided ones forth: the latents of both passes. */
  private static float[][] edit(Toy toy) {
    try (Scope scope = Scope.open()) {
      TextEmbedding prompt = toy.text().embed("a photo of a cat");
      TextEmbedding direction = toy.text().embed("a photo of a dog").minus(prompt);
      float[] picture = new float[LATENT];
      for (int i = 0; i < picture.length; i++) {
        picture[i] = (float) Math.sin(0.37 * i);
      }
      Tensor inverted =
          new DdimInverter(toy.unet(), toy.schedule(), NoiseRegularization.PUBLISHED)
              .invert(
                  toy.latent(picture),
                  prompt.states(),
                  2,
                  new TorchCpuGenerator(1),
                  StepListener.none());
      LatentPair result =
          new GuidedSampler(toy.unet(), toy.schedule())
              .sample(
                  inverted,
                  Prompts.ofEdit(prompt, prompt, prompt.plus(direction)),
                  2,
                  Published.DEFAULTS,
                  StepListener.none());
      return new float[][] {
        inverted.toFloats(), result.reference().toFloats(), result.edited().toFloats()
      };
    }
  }
}
