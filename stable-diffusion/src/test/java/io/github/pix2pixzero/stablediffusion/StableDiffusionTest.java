package io.github.pix2pixzero.stablediffusion;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.random.TorchCpuGenerator;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StableDiffusionTest {
  private static final Backend BACKEND = Backends.best(2);

  private static StableDiffusion model;

  @BeforeAll
  static void load() throws IOException {
    model = StableDiffusion.load(Path.of("..", "toy-world", "model"), BACKEND);
  }

  @Test
  void latentsAreScaledOnTheWayInAndBackOnTheWayOut() {
    try (Scope scope = Scope.open()) {
      Tensor pictures = noise(2, 3, 32, 48);
      Tensor unscaled = model.vae().encode(pictures).mode();

      Tensor latents = model.encode(pictures);

      assertThat(model.vae().config().scalingFactor()).isNotEqualTo(1);
      assertThat(latents.toFloats())
          .isEqualTo(unscaled.mul(model.vae().config().scalingFactor()).toFloats());
      float factor = model.vae().config().scalingFactor();
      assertThat(model.decode(latents).toFloats())
          .isEqualTo(model.vae().decode(latents.mul(1 / factor)).toFloats());
      assertThat(model.decode(latents).shape()).isEqualTo(pictures.shape());
    }
  }

  @Test
  void whatIsDecodedOutlivesTheDecoding() {
    try (Scope scope = Scope.open()) {
      Tensor latent = model.encode(noise(1, 3, 32, 32));
      Tensor picture = model.decode(latent);
      float[] before = picture.toFloats();
      model.decode(noise(1, latent.dim(1), latent.dim(2), latent.dim(3)));
      assertThat(picture.toFloats()).isEqualTo(before);
    }
  }

  @Test
  void thePartsFitOneAnother() {
    try (Scope scope = Scope.open()) {
      Tensor prompt = model.embed("a cat").states();
      assertThat(prompt.dim(1)).isEqualTo(model.tokenizer().maxLength());
      assertThat(prompt.dim(2)).isEqualTo(model.unet().config().contextWidth());
    }
    assertThat(model.pictureSize() % model.pictureMultiple()).isZero();
  }

  private static Tensor noise(int... shape) {
    int size = 1;
    for (int extent : shape) {
      size *= extent;
    }
    return Tensor.of(BACKEND, new TorchCpuGenerator(0).normal(size), shape);
  }
}
