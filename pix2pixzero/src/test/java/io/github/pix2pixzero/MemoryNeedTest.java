package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.stablediffusion.StableDiffusion;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.unet.UNetConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryNeedTest {
  private static final UNetConfig SD_15 =
      new UNetConfig(
          4,
          4,
          64,
          List.of(320, 640, 1280, 1280),
          List.of(true, true, true, false),
          List.of(false, true, true, true),
          2,
          Collections.nCopies(4, 8),
          768,
          32,
          1e-5f,
          true,
          0,
          false);

  /**
   * An estimate, to be near what was measured: forward and backward took at most 3.2 GiB of tensors
   * with the weights, of which those of the noise predictor are 1.6 GiB in float16.
   */
  @Test
  void ofStableDiffusionItIsNearWhatWasMeasured() {
    assertThat(MemoryNeed.ofGradient(SD_15, 64 * 64)).isBetween(1300L << 20, 1800L << 20);
    assertThat(MemoryNeed.ofGradient(SD_15, 2 * 64 * 64))
        .isEqualTo(2 * MemoryNeed.ofGradient(SD_15, 64 * 64));
  }

  @Test
  void saysWhichFlagHelps() throws IOException {
    StableDiffusion model =
        StableDiffusion.load(Path.of("..", "toy-world", "model"), Backends.best(1));
    assertThat(MemoryNeed.shortage(model, 16 * 16, 4L << 30)).isEmpty();
    assertThat(MemoryNeed.shortage(model, 16 * 16, 1L << 20).orElseThrow())
        .startsWith("the edit takes about ")
        .contains("MiB of Java's heap, which may not grow beyond 1 MiB")
        .contains("-Xmx1g -XX:+UseParallelGC");
  }
}
