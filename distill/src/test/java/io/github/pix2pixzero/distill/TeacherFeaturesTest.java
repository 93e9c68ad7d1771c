package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.pix2pixzero.stablediffusion.LoadOptions;
import io.github.pix2pixzero.stablediffusion.LoadedAutoencoder;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Beside PyTorch in float64: the toy world's encoder by its weights (convolutions, group norms and
 * SiLU of {@code torch.nn.functional}), unit lengths with 1e-10 under the root, and autograd.
 */
class TeacherFeaturesTest {
  private static final int SIZE = 16;
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final Path TOY_WORLD = Path.of("../toy-world/model");

  private static final double DISTANCE = 2.6003345123162966;
  private static final double SUM_OF_SLOPES = 6.84485583100709;
  private static final Map<Integer, Double> SLOPES =
      Map.of(
          0, -0.0057876920740858664,
          1, -0.004717977206926557,
          100, -0.01566647611877543,
          383, 0.007774027148070117,
          500, 0.008470125407900906,
          767, -0.009947630667061046);

  @TempDir private Path folder;

  private static TeacherFeatures features() throws IOException {
    return new TeacherFeatures(LoadedAutoencoder.load(TOY_WORLD, BACKEND, LoadOptions.defaults()));
  }

  private static Tensor picture(double phase) {
    float[] values = new float[SIZE * SIZE * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(0.37 * i + phase);
    }
    return Tensor.of(BACKEND, values, 1, SIZE, SIZE, 3);
  }

  @Test
  void distanceAndSlopesAreThoseOfPyTorch() throws IOException {
    Tensor picture = picture(0).variable();
    Tensor distance = features().distance(picture, picture(1));
    assertThat((double) distance.item()).isEqualTo(DISTANCE, within(1e-5 * DISTANCE));
    float[] slopes = Autograd.grad(distance, picture)[0].toFloats();
    double sum = 0;
    for (float slope : slopes) {
      sum += Math.abs(slope);
    }
    assertThat(sum).isEqualTo(SUM_OF_SLOPES, within(1e-4 * SUM_OF_SLOPES));
    SLOPES.forEach(
        (at, slope) ->
            assertThat((double) slopes[at]).as("at %s", at).isEqualTo(slope, within(1e-5)));
    assertThat(features().distance(picture(0), picture(0)).item()).isZero();
  }

  @Test
  void theyTakePartInTrainingAndAreNoted() throws IOException {
    StudentConfig config = FastConfig.small(SIZE, 4);
    PairSource pairs = PairSource.of(Shapes.pairs(4, SIZE));
    TrainingOptions plain = TrainingOptions.builder(config).steps(8).batch(2).build();
    TrainingOptions options = plain.toBuilder().losses(plain.losses().withFeatures(0.5)).build();
    Path state = folder.resolve("state");
    Optional<TeacherFeatures> features = Optional.of(features());
    try (Trainer trainer = new Trainer(BACKEND, config, pairs, options, features)) {
      trainer.run(
          progress -> {
            assertThat(progress.features()).isPositive();
            assertThat(progress.loss()).isGreaterThan(progress.l1() + 0.5 * progress.features());
            return progress.step() < 3;
          });
      trainer.save(state);
    }
    try (Trainer trainer = new Trainer(BACKEND, config, pairs, options, features)) {
      trainer.resume(state);
      assertThat(trainer.step()).isEqualTo(3);
    }
    TeacherFeatures others =
        new TeacherFeatures(
            new LoadedAutoencoder(
                LoadedAutoencoder.load(TOY_WORLD, BACKEND, LoadOptions.defaults()).network(),
                "another"));
    try (Trainer trainer = new Trainer(BACKEND, config, pairs, options, Optional.of(others))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.resume(state))
          .withMessageContaining("with the features of another autoencoder");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Trainer(BACKEND, config, pairs, options))
        .withMessageContaining("without a teacher's features");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.losses().withFeatures(-1))
        .withMessageContaining("features -1.0");
    assertThat(List.of(plain.losses().features())).containsExactly(0.0);
  }
}
