package io.github.pix2pixzero.vae;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.testing.Tensors;
import io.github.pix2pixzero.tensor.testing.TrainedModels;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainableVaeTest {
  @Test
  void comesBackAsItWasTrained(@TempDir Path folder) throws IOException {
    VaeConfig config =
        VaeConfig.from(
            ModelFolder.ofResources(TrainableVaeTest.class, "goldens/vae").json("config.json"));
    Backend backend = Backends.named("plain", 1);
    Tensor image = Tensors.random(backend, 1, 1, 3, 16, 16);
    TrainedModels.assertComesBack(
        folder,
        backend,
        weights -> new AutoencoderKL(weights, config),
        vae -> {
          Posterior posterior = vae.encode(image);
          return vae.decode(posterior.mean().add(posterior.logvar()));
        });
  }
}
