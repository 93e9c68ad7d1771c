package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.testing.Tensors;
import io.github.pix2pixzero.tensor.testing.TrainedModels;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainableUNetTest {
  @ParameterizedTest
  @ValueSource(strings = {"unet-sd1", "unet-sd2"})
  void comesBackAsItWasTrained(String flavour, @TempDir Path folder) throws IOException {
    UNetConfig config =
        UNetConfig.from(
            ModelFolder.ofResources(TrainableUNetTest.class, "goldens/" + flavour)
                .json("config.json"));
    Backend backend = Backends.named("plain", 1);
    int size = config.multiple();
    Tensor latent = Tensors.random(backend, 1, 1, config.inChannels(), size, size);
    Tensor text = Tensors.random(backend, 2, 1, 7, config.contextWidth());
    TrainedModels.assertComesBack(
        folder,
        backend,
        weights -> new UNet2DConditionModel(weights, config),
        unet -> unet.forward(latent, 500, text, AttentionControl.NONE));
  }
}
