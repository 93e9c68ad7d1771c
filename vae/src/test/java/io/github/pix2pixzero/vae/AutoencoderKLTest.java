package io.github.pix2pixzero.vae;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.testing.TestBackends;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the reference vectors in {@code goldens/vae}, made by diffusers. */
class AutoencoderKLTest {
  /** Relative to the largest value of a tensor. */
  private static final double TOLERANCE = 1e-4;

  private static final String BACKENDS = "io.github.pix2pixzero.tensor.testing.TestBackends#cpu";

  private static final ModelFolder GOLDEN =
      ModelFolder.ofResources(AutoencoderKLTest.class, "goldens/vae");

  /** Case 0 is of 64×64 pixels, case 1 of 48×80. */
  static Stream<Arguments> cases() {
    return TestBackends.cpu()
        .flatMap(backend -> Stream.of(0, 1).map(number -> Arguments.of(backend, number)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void encodesAsDiffusersDoes(Backend backend, int number) throws IOException {
    AutoencoderKL vae = AutoencoderKL.load(GOLDEN, backend);
    try (Scope scope = Scope.open()) {
      Posterior posterior = vae.encode(golden(backend, number, "image"));

      assertAgrees(posterior.mean(), golden(backend, number, "mean"));
      assertAgrees(posterior.logvar(), golden(backend, number, "logvar"));
      assertThat(posterior.mode()).isSameAs(posterior.mean());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decodesAsDiffusersDoes(Backend backend, int number) throws IOException {
    AutoencoderKL vae = AutoencoderKL.load(GOLDEN, backend);
    try (Scope scope = Scope.open()) {
      Tensor image = vae.decode(golden(backend, number, "mean"));

      assertAgrees(image, golden(backend, number, "decoded"));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientReachesTheLatent(Backend backend, int number) throws IOException {
    AutoencoderKL vae = AutoencoderKL.load(GOLDEN, backend);
    try (Scope scope = Scope.open()) {
      Tensor latent = golden(backend, number, "mean").variable();
      Tensor image = vae.decode(latent);
      Tensor loss = image.sub(golden(backend, number, "target")).square().mean();

      Tensor gradient = Autograd.grad(loss, latent)[0];

      assertAgrees(gradient, golden(backend, number, "latent_grad"));
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void gradientReachesTheImage(Backend backend) throws IOException {
    AutoencoderKL vae = AutoencoderKL.load(GOLDEN, backend);
    try (Scope scope = Scope.open()) {
      Tensor image = golden(backend, 1, "image").slice(0, 0, 1);
      Tensor direction = golden(backend, 1, "target").slice(0, 0, 1);
      Tensor variable = image.variable();
      Tensor slope =
          Autograd.grad(vae.encode(variable).mean().square().sum(), variable)[0]
              .mul(direction)
              .sum();

      float step = 5e-3f;
      Tensor ahead = vae.encode(image.add(direction.mul(step))).mean().square().sum();
      Tensor behind = vae.encode(image.add(direction.mul(-step))).mean().square().sum();
      Tensor difference = ahead.sub(behind).mul(0.5f / step);

      assertClose(slope.toFloats(), difference.toFloats(), 3e-3);
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void everyPictureOfABatchStandsAlone(Backend backend) throws IOException {
    AutoencoderKL vae = AutoencoderKL.load(GOLDEN, backend);
    try (Scope scope = Scope.open()) {
      Tensor image = vae.decode(golden(backend, 0, "mean").slice(0, 1, 2));

      assertAgrees(image, golden(backend, 0, "decoded").slice(0, 1, 2));
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void keepsOnlyItsResult(Backend backend) throws IOException {
    AutoencoderKL vae = AutoencoderKL.load(GOLDEN, backend);
    try (Scope scope = Scope.open()) {
      Tensor latent = golden(backend, 0, "mean");
      Tensor before = vae.decode(latent);
      long live = backend.memory().live();

      Tensor after = vae.decode(latent);

      assertThat(backend.memory().live() - live).isBetween(1L, 8L * after.size());
      assertThat(after.toFloats()).isEqualTo(before.toFloats());
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void readsTheNamesOfOldCheckpoints(Backend backend) throws IOException {
    UnaryOperator<String> old =
        name ->
            name.replace("to_q", "query")
                .replace("to_k", "key")
                .replace("to_v", "value")
                .replace("to_out.0", "proj_attn");
    try (SafetensorsFile file = renamed(old);
        Scope scope = Scope.open()) {
      Weights weights = Weights.of(backend, file);
      AutoencoderKL vae = new AutoencoderKL(weights, VaeConfig.from(GOLDEN.json("config.json")));

      assertThat(weights.leftovers()).isEmpty();
      Tensor image = vae.decode(golden(backend, 1, "mean"));
      assertAgrees(image, golden(backend, 1, "decoded"));
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void refusesWhatItCannotHalve(Backend backend) throws IOException {
    AutoencoderKL vae = AutoencoderKL.load(GOLDEN, backend);

    assertThat(vae.factor()).isEqualTo(8);
    assertThat(vae.config().scalingFactor()).isEqualTo(0.18215f);
    assertThatThrownBy(() -> vae.encode(Tensor.zeros(backend, 1, 3, 64, 60)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[1, 3, 64, 60]")
        .hasMessageContaining("multiples of 8");
    assertThatThrownBy(() -> vae.encode(Tensor.zeros(backend, 1, 1, 64, 64)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[batch, 3, height, width]");
    assertThatThrownBy(() -> vae.encode(Tensor.zeros(backend, 3, 64, 64)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[3, 64, 64]");
    assertThatThrownBy(() -> vae.decode(Tensor.zeros(backend, 1, 3, 8, 8)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[batch, 4, height, width]");
  }

  private static void assertAgrees(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertClose(actual.toFloats(), expected.toFloats(), TOLERANCE);
  }

  private static Tensor golden(Backend backend, int number, String name) throws IOException {
    try (SafetensorsFile io = GOLDEN.safetensors("io.safetensors")) {
      String full = number + "." + name;
      int[] shape = Arrays.stream(io.entry(full).shape()).mapToInt(Math::toIntExact).toArray();
      return Tensor.of(backend, io.readFloats(full), shape);
    }
  }

  private static SafetensorsFile renamed(UnaryOperator<String> names) throws IOException {
    try (SafetensorsFile file = GOLDEN.safetensors("diffusion_pytorch_model.safetensors")) {
      SafetensorsWriter writer = new SafetensorsWriter();
      for (String name : file.names()) {
        writer.add(names.apply(name), file.entry(name).shape(), file.readFloats(name));
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      writer.write(bytes);
      return SafetensorsFile.of(bytes.toByteArray(), "renamed.safetensors");
    }
  }
}
