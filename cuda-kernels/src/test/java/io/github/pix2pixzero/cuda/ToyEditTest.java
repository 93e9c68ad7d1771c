package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.clip.TextEncoder;
import io.github.pix2pixzero.guidance.CrossAttentionLoss;
import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.guidance.GuidedSampler;
import io.github.pix2pixzero.inversion.DdimInverter;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An edit of the toy model on CUDA is that of the CPU. */
class ToyEditTest {
  /** Of latents after several steps; see the pipeline's own test. */
  private static final double DRIFT = 3e-4;

  @Test
  void anEditOfTheToyModelIsThatOfTheCpu() throws IOException {
    float[][] expected = edit(Backends.named("plain", 2));
    float[][] actual = edit(new CudaBackend(Precision.FLOAT32));
    assertThat(actual.length).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertClose(actual[i], expected[i], DRIFT);
    }
  }

  /** Two steps back to the noise, two guided ones forth: the latents of both passes. */
  private static float[][] edit(Backend backend) throws IOException {
    ModelFolder folder = ModelFolder.of(Path.of("../toy-world/model"));
    TextEncoder text = TextEncoder.load(folder, backend);
    UNet2DConditionModel unet = UNet2DConditionModel.load(folder.at("unet"), backend);
    NoiseSchedule schedule = NoiseSchedule.from(folder.json("scheduler/scheduler_config.json"));
    int side = unet.config().sampleSize();
    try (Scope scope = Scope.open()) {
      Tensor prompt = text.encode(List.of("a photo of a cat"));
      Tensor direction = text.encode(List.of("a photo of a dog")).sub(prompt);
      float[] picture = new float[4 * side * side];
      for (int i = 0; i < picture.length; i++) {
        picture[i] = (float) Math.sin(0.37 * i);
      }
      Tensor inverted =
          new DdimInverter(unet, schedule, NoiseRegularization.PUBLISHED)
              .invert(
                  Tensor.of(backend, picture, 1, 4, side, side),
                  prompt,
                  2,
                  new TorchCpuGenerator(1),
                  (step, steps, latent) -> {});
      GuidedSampler.Result result =
          new GuidedSampler(unet, schedule, new CrossAttentionLoss())
              .sample(
                  inverted,
                  new GuidedSampler.Prompts(prompt, prompt, prompt.add(direction)),
                  new GuidedSampler.Settings(2, 5, 0.1, GradientMode.REFERENCE),
                  (step, steps, current) -> {});
      return new float[][] {
        inverted.toFloats(), result.reference().toFloats(), result.edited().toFloats()
      };
    }
  }
}
