package io.github.pix2pixzero.unet;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.testing.TestBackends;
import io.github.pix2pixzero.unet.UNet2DConditionModel.WithDeep;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The network agrees with diffusers, forward, at every map, and backward to the latent and the
 * text.
 */
class UNetGoldensTest {
  private static final double TOLERANCE = 1e-4;

  static Stream<Arguments> cases() {
    return TestBackends.cpu()
        .flatMap(
            backend ->
                Stream.of(
                    Arguments.of(backend, "unet-sd1", 0),
                    Arguments.of(backend, "unet-sd1", 1),
                    Arguments.of(backend, "unet-sd1", 2),
                    Arguments.of(backend, "unet-sd2", 0),
                    Arguments.of(backend, "unet-sd2", 1)));
  }

  @ParameterizedTest(name = "{0}: {1}, case {2}")
  @MethodSource("cases")
  void agreesWithDiffusers(Backend backend, String model, int number) throws IOException {
    ModelFolder folder = ModelFolder.ofResources(UNetGoldensTest.class, "goldens/" + model);
    UNet2DConditionModel unet = UNet2DConditionModel.load(folder, backend);
    try (SafetensorsFile io = folder.safetensors("io.safetensors");
        Scope scope = Scope.open()) {
      String key = number + ".";
      Tensor latent = read(io, key + "latent", backend).variable();
      Tensor context = read(io, key + "context", backend);
      int timestep = (int) io.readLongs(key + "timestep")[0];

      Watcher watcher = new Watcher(io, key + "reference.", backend, scope);
      Tensor noise = unet.forward(latent, timestep, context, watcher);
      assertClose(noise.toFloats(), io.readFloats(key + "noise"), TOLERANCE);
      if (number == 0) {
        assertThat(watcher.maps).hasSize(16);
        for (Map.Entry<String, Tensor> map : watcher.maps.entrySet()) {
          assertClose(
              map.getValue().toFloats(), io.readFloats(key + "probs." + map.getKey()), TOLERANCE);
        }
      }
      assertClose(watcher.loss.toFloats(), io.readFloats(key + "loss"), TOLERANCE);
      Tensor gradient = Autograd.grad(watcher.loss, latent)[0];
      assertClose(gradient.toFloats(), io.readFloats(key + "latent_grad"), TOLERANCE);

      Tensor fused = unet.forward(latent.detached(), timestep, context);
      assertClose(fused.toFloats(), io.readFloats(key + "noise"), TOLERANCE);
      assertFinestLevelGoesOn(unet, latent.detached(), context, timestep, fused.toFloats());
    }
  }

  /** On its own deep features the finest level predicts what the whole network does. */
  private static void assertFinestLevelGoesOn(
      UNet2DConditionModel unet, Tensor latent, Tensor embeddings, int step, float[] whole) {
    TextContext context = new TextContext(embeddings);
    Tensor timestep = unet.timestep(step);
    WithDeep both = unet.forwardAll(latent, timestep, context, AttentionControl.NONE);
    assertThat(both.prediction().toFloats()).isEqualTo(whole);
    List<AttentionSite> asked = new ArrayList<>();
    AttentionControl watching =
        new AttentionControl() {
          @Override
          public boolean wants(AttentionSite site) {
            asked.add(site);
            return false;
          }

          @Override
          public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
            return probs;
          }
        };
    assertThat(unet.forwardFinest(latent, both.deep(), timestep, context, watching).toFloats())
        .isEqualTo(whole);
    assertThat(asked).isNotEmpty().allMatch(site -> site.downscale() == 1);
    Tensor others = unet.forwardFinest(latent, both.deep().mul(0.5f), timestep, context, watching);
    assertThat(others.toFloats()).isNotEqualTo(whole);
  }

  /** The gradient reaches the text through keys and values; {@code text_gradient.py} made these. */
  @ParameterizedTest(name = "{0}: {1}, case {2}")
  @MethodSource("cases")
  void gradientWithRespectToTheTextAgreesWithTorch(Backend backend, String model, int number)
      throws IOException {
    ModelFolder folder = ModelFolder.ofResources(UNetGoldensTest.class, "goldens/" + model);
    UNet2DConditionModel unet = UNet2DConditionModel.load(folder, backend);
    try (SafetensorsFile io = folder.safetensors("io.safetensors");
        SafetensorsFile expected = folder.safetensors("text-gradient.safetensors");
        Scope scope = Scope.open()) {
      String key = number + ".";
      Tensor latent = read(io, key + "latent", backend);
      Tensor context = read(io, key + "context", backend).variable();
      int timestep = (int) io.readLongs(key + "timestep")[0];

      Watcher watcher = new Watcher(io, key + "reference.", backend, scope);
      unet.forward(latent, timestep, context, watcher);
      assertClose(
          Autograd.grad(watcher.loss, context)[0].toFloats(),
          expected.readFloats(key + "loss_grad"),
          TOLERANCE);
      Tensor noise = unet.forward(latent, timestep, context);
      assertClose(
          Autograd.grad(noise.square().sum(), context)[0].toFloats(),
          expected.readFloats(key + "noise_grad"),
          TOLERANCE);
    }
  }

  private static Tensor read(SafetensorsFile io, String name, Backend backend) throws IOException {
    int[] dims = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(backend, io.readFloats(name), dims);
  }

  /** Keeps the cross-attention maps and adds up the loss of pix2pix-zero on them. */
  private static final class Watcher implements AttentionControl {
    final Map<String, Tensor> maps = new LinkedHashMap<>();
    private final SafetensorsFile io;
    private final String prefix;
    private final Backend backend;
    private final Scope scope;
    Tensor loss;

    Watcher(SafetensorsFile io, String prefix, Backend backend, Scope scope) {
      this.io = io;
      this.prefix = prefix;
      this.backend = backend;
      this.scope = scope;
    }

    @Override
    public boolean wants(AttentionSite site) {
      return site.isCross();
    }

    @Override
    public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
      maps.put(site.name(), scope.adopt(probs));
      Tensor reference;
      try {
        reference = read(io, prefix + site.name(), backend).reshape(probs.shape().toArray());
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      Tensor distance = probs.sub(reference).square().sum();
      Tensor term = distance.mul(1f / (probs.dim(0) * probs.dim(1)));
      loss = scope.adopt(loss == null ? term : loss.add(term));
      return probs;
    }
  }
}
