package io.github.pix2pixzero.vae;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against {@code goldens/vae-tiled}, made by diffusers. */
class TilingTest {
  private static final double TOLERANCE = 1e-4;
  private static final Backend BACKEND = Backends.best(2);
  private static final ModelFolder GOLDEN =
      ModelFolder.ofResources(TilingTest.class, "goldens/vae-tiled");

  /** Case 0 is of 72×152 pixels, case 1 of 160×40; a tile is of 64×64. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void agreesWithDiffusers(int number) throws IOException {
    AutoencoderKL vae = vae().with(Tiling.of(64));
    try (Scope scope = Scope.open()) {
      Posterior posterior = vae.encode(golden(number + ".image"));
      Tensor decoded = vae.decode(golden(number + ".mean"));

      assertAgrees(posterior.mean(), golden(number + ".mean"));
      assertAgrees(posterior.logvar(), golden(number + ".logvar"));
      assertAgrees(decoded, golden(number + ".decoded"));
    }
  }

  @Test
  void smallPicturesPassAtOnce() throws IOException {
    AutoencoderKL vae = vae();
    try (Scope scope = Scope.open()) {
      Tensor latent = golden("1.mean");

      float[] once = vae.with(Tiling.NEVER).decode(latent).toFloats();

      assertThat(vae.decode(latent).toFloats()).isEqualTo(once);
      assertThat(vae.with(new Tiling(64, 160)).decode(latent).toFloats()).isEqualTo(once);
      assertThat(vae.with(new Tiling(64, 159)).decode(latent).toFloats()).isNotEqualTo(once);
    }
  }

  @Test
  void gradientPassesTheSeams() throws IOException {
    AutoencoderKL vae = vae().with(Tiling.of(32));
    try (Scope scope = Scope.open()) {
      Tensor latent = golden("1.mean").slice(2, 0, 7);
      Tensor direction = golden("1.logvar").slice(2, 0, 7);
      Tensor variable = latent.variable();
      Tensor slope =
          Autograd.grad(vae.decode(variable).square().mean(), variable)[0].mul(direction).sum();

      float step = 2e-3f;
      Tensor ahead = vae.decode(latent.add(direction.mul(step))).square().mean();
      Tensor behind = vae.decode(latent.add(direction.mul(-step))).square().mean();

      assertClose(slope.toFloats(), ahead.sub(behind).mul(0.5f / step).toFloats(), 1e-2);
    }
  }

  @Test
  void refusesTilesThatDoNotFit() throws IOException {
    AutoencoderKL vae = vae();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> vae.with(Tiling.of(48)))
        .withMessage("the size of a tile should be a multiple of 32 pixels, it is 48");
    assertThatIllegalArgumentException().isThrownBy(() -> new Tiling(64, 32));
    assertThatIllegalArgumentException().isThrownBy(() -> Tiling.of(0));
  }

  private static AutoencoderKL vae() throws IOException {
    return AutoencoderKL.load(ModelFolder.ofResources(TilingTest.class, "goldens/vae"), BACKEND);
  }

  private static void assertAgrees(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertClose(actual.toFloats(), expected.toFloats(), TOLERANCE);
  }

  private static Tensor golden(String name) throws IOException {
    try (SafetensorsFile io = GOLDEN.safetensors("io.safetensors")) {
      int[] shape = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
      return Tensor.of(BACKEND, io.readFloats(name), shape);
    }
  }
}
