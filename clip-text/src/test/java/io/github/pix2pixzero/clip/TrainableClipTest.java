package io.github.pix2pixzero.clip;

import io.github.pix2pixzero.tensor.backend.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.testing.TrainedModels;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainableClipTest {
  @Test
  void comesBackAsItWasTrained(@TempDir Path folder) throws IOException {
    ClipTextConfig config =
        ClipTextConfig.from(
            ModelFolder.ofResources(TrainableClipTest.class, "goldens/clip-text-sd1")
                .json("config.json"));
    int[][] ids = {new int[config.maxPositionEmbeddings()]};
    for (int i = 0; i < ids[0].length; i++) {
      ids[0][i] = i % config.vocabSize();
    }
    TrainedModels.assertComesBack(
        folder,
        new PlainBackend(1),
        weights -> new ClipTextModel(weights, config),
        model -> model.forward(ids));
  }
}
