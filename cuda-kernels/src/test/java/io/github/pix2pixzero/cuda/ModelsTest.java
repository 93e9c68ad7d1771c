package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.clip.ClipTextModel;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.ops.SquaredDistance;
import io.github.pix2pixzero.tensor.testing.SameOnEveryJdk;
import io.github.pix2pixzero.unet.AttentionControl;
import io.github.pix2pixzero.unet.AttentionSite;
import io.github.pix2pixzero.unet.PromptRow;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.vae.AutoencoderKL;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The models agree with diffusers and transformers on CUDA as they do on the CPU: the reference
 * vectors are those of the models' own modules.
 */
@SameOnEveryJdk
class ModelsTest {
  private static final double TOLERANCE = 1e-4;

  private final Backend backend = new CudaBackend(Precision.FLOAT32);

  private static ModelFolder module(String path) {
    return ModelFolder.of(Path.of("..").resolve(path));
  }

  private static Tensor read(SafetensorsFile io, String name, Backend backend) throws IOException {
    int[] dims = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(backend, io.readFloats(name), dims);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unet-sd1", "unet-sd2"})
  void unetAndItsGuidanceGradient(String model) throws IOException {
    ModelFolder folder = module("unet/src/test/resources/goldens/" + model);
    UNet2DConditionModel unet = UNet2DConditionModel.load(folder, backend);
    try (SafetensorsFile io = folder.safetensors("io.safetensors");
        Scope scope = Scope.open()) {
      Tensor latent = read(io, "0.latent", backend).variable();
      Tensor context = read(io, "0.context", backend);
      int timestep = (int) io.readLongs("0.timestep")[0];
      Distances distances = new Distances(io, scope);
      Tensor noise = unet.forward(latent, timestep, context, distances);
      assertClose(noise.toFloats(), io.readFloats("0.noise"), TOLERANCE);
      assertClose(distances.loss.toFloats(), io.readFloats("0.loss"), TOLERANCE);
      Tensor gradient = Autograd.grad(distances.loss, latent)[0];
      assertClose(gradient.toFloats(), io.readFloats("0.latent_grad"), TOLERANCE);
      Tensor fused = unet.forward(latent.detached(), timestep, context);
      assertClose(fused.toFloats(), io.readFloats("0.noise"), TOLERANCE);
    }
  }

  /**
   * Tensors of 16 bits: what is left of the digits after all layers. This net of random weights
   * amplifies rounding tenfold in its gradient: with TF32's factors alone it is off by 2%.
   */
  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void unetInShortTypes(Precision precision) throws IOException {
    assumeTrue(Device.first().capability() >= precision.capability());
    CudaBackend shorter = new CudaBackend(precision);
    double tolerance = precision == Precision.FLOAT16 ? 5e-3 : 5e-2;
    ModelFolder folder = module("unet/src/test/resources/goldens/unet-sd1");
    UNet2DConditionModel unet = UNet2DConditionModel.load(folder, shorter);
    try (SafetensorsFile io = folder.safetensors("io.safetensors");
        Scope scope = Scope.open()) {
      Tensor latent = read(io, "0.latent", shorter).variable();
      Tensor context = read(io, "0.context", shorter);
      int timestep = (int) io.readLongs("0.timestep")[0];
      Distances distances = new Distances(io, scope);
      Tensor noise = unet.forward(latent, timestep, context, distances);
      assertClose(noise.toFloats(), io.readFloats("0.noise"), tolerance);
      Tensor gradient = Autograd.grad(distances.loss, latent)[0];
      double amplified = precision == Precision.FLOAT16 ? 0.15 : 0.3;
      assertClose(gradient.toFloats(), io.readFloats("0.latent_grad"), amplified);
      Tensor fused = unet.forward(latent.detached(), timestep, context);
      assertClose(fused.toFloats(), io.readFloats("0.noise"), tolerance);
    }
  }

  /** The loss of pix2pix-zero: how far the cross-attention maps are from reference maps. */
  private static final class Distances implements AttentionControl {
    private final SafetensorsFile io;
    private final Scope scope;
    private Tensor loss;

    Distances(SafetensorsFile io, Scope scope) {
      this.io = io;
      this.scope = scope;
    }

    @Override
    public boolean wants(AttentionSite site) {
      return site.isCross();
    }

    @Override
    public Tensor attend(AttentionSite site, Tensor probs, ImmutableList<PromptRow> rows) {
      try {
        Tensor reference =
            read(io, "0.reference." + site.name(), probs.backend())
                .reshape(probs.shape().toArray());
        Tensor term = SquaredDistance.of(probs, reference, 1f / (probs.dim(0) * probs.dim(1)));
        loss = scope.adopt(loss == null ? term : loss.add(term));
        return probs;
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void autoencoderAndItsGradient() throws IOException {
    ModelFolder folder = module("vae/src/test/resources/goldens/vae");
    AutoencoderKL vae = AutoencoderKL.load(folder, backend);
    try (SafetensorsFile io = folder.safetensors("io.safetensors");
        Scope scope = Scope.open()) {
      Tensor mean = vae.encode(read(io, "0.image", backend)).mean();
      assertClose(mean.toFloats(), io.readFloats("0.mean"), TOLERANCE);
      Tensor latent = read(io, "0.mean", backend).variable();
      Tensor image = vae.decode(latent);
      assertClose(image.toFloats(), io.readFloats("0.decoded"), TOLERANCE);
      Tensor loss = image.sub(read(io, "0.target", backend)).square().mean();
      Tensor gradient = Autograd.grad(loss, latent)[0];
      assertClose(gradient.toFloats(), io.readFloats("0.latent_grad"), TOLERANCE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"clip-text-sd1", "clip-text-sd2"})
  void textTransformer(String flavour) throws IOException {
    ModelFolder folder = module("clip-text/src/test/resources/goldens/" + flavour);
    ClipTextModel model = ClipTextModel.load(folder, backend);
    try (SafetensorsFile io = folder.safetensors("io.safetensors");
        Scope scope = Scope.open()) {
      int[] dims = Arrays.stream(io.entry("ids").shape()).mapToInt(Math::toIntExact).toArray();
      long[] flat = io.readLongs("ids");
      int[][] ids = new int[dims[0]][dims[1]];
      for (int i = 0; i < flat.length; i++) {
        ids[i / dims[1]][i % dims[1]] = (int) flat[i];
      }
      assertClose(model.forward(ids).toFloats(), io.readFloats("last_hidden_state"), TOLERANCE);
    }
  }
}
