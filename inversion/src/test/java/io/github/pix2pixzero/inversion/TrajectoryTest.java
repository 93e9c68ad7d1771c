package io.github.pix2pixzero.inversion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrajectoryTest {
  private static final Backend BACKEND = Backends.named("plain", 1);

  @TempDir Path folder;

  private static Tensor noise(int seed, int height, int width) {
    float[] values = new PhiloxGenerator(seed).normal(4 * height * width);
    return Tensor.of(BACKEND, values, 1, 4, height, width);
  }

  @Test
  void survivesAFile() throws IOException {
    Trajectory trajectory =
        new Trajectory(ImmutableList.of(noise(1, 3, 5), noise(2, 3, 5), noise(3, 3, 5)));
    Path file = folder.resolve("cat.safetensors");
    trajectory.write(file, Map.of("caption", "a cat"));
    Trajectory read = Trajectory.read(file, BACKEND);
    assertThat(read.steps()).isEqualTo(2);
    assertThat(read.noise().shape()).isEqualTo(trajectory.noise().shape());
    for (int i = 0; i <= 2; i++) {
      assertThat(read.after(i).toFloats()).isEqualTo(trajectory.after(i).toFloats());
    }
    try (SafetensorsFile written = SafetensorsFile.open(file)) {
      assertThat(written.metadata()).containsEntry("caption", "a cat");
    }
  }

  @Test
  void refusesWhatIsNoTrajectory() throws IOException {
    Path other = folder.resolve("other.safetensors");
    new SafetensorsWriter().add("trajectory", new long[] {3}, new float[3]).write(other);
    assertThatIOException()
        .isThrownBy(() -> Trajectory.read(other, BACKEND))
        .withMessageContaining("other.safetensors holds no trajectory");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Trajectory(ImmutableList.of(noise(1, 3, 5), noise(1, 5, 3))))
        .withMessageStartingWith("the latents of a trajectory are of one shape");
  }

  @Test
  void whiteNoiseIsGaussian() {
    NoiseStatistics white = NoiseStatistics.of(noise(5, 64, 48));
    assertThat(white.mean()).isCloseTo(0, within(0.04)); // 4 standard errors
    assertThat(white.deviation()).isCloseTo(1, within(0.03));
    assertThat(white.autocorrelation()).isCloseTo(0, within(0.03));
    assertThat(white.divergence()).isCloseTo(0, within(0.002));
  }

  @Test
  void whatIsNotWhiteShows() {
    Tensor noise = noise(5, 64, 48);
    NoiseStatistics shifted = NoiseStatistics.of(noise.mul(0.5f).add(1f));
    assertThat(shifted.mean()).isCloseTo(1, within(0.02));
    assertThat(shifted.divergence()).isCloseTo((0.25 + 1 - 1 - Math.log(0.25)) / 2, within(0.03));
    Tensor smooth = noise.add(noise.roll(3, 1)).add(noise.roll(2, 1));
    // Of three equal shares, one is common to any two neighbours.
    assertThat(NoiseStatistics.of(smooth).autocorrelation()).isCloseTo(1 / 3.0, within(0.04));
  }
}
