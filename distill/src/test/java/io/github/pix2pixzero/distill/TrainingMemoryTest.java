package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.optim.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ways to take less memory, and another student to start from: the training stays the same. */
class TrainingMemoryTest {
  private static final int SIZE = 16;
  private static final int STEPS = 4;
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final PairSource PAIRS = PairSource.of(Shapes.pairs(16, SIZE));

  @TempDir private Path folder;

  static Stream<StudentConfig> students() {
    return Stream.of(
        new ComodConfig(
            SIZE, List.of(8, 8, 4), 12, 0.5, new ComodConfig.Mapping(3, 5, 2, 0.01), Head.BLEND),
        FastConfig.small(SIZE, 4));
  }

  /** Two steps of differences alone, then two with a discriminator, the first with its penalty. */
  private static TrainingOptions options(StudentConfig config) {
    return TrainingOptions.builder(config).steps(STEPS).batch(8).adversarialFrom(2).build();
  }

  /** What steps came to, and the weights after them. */
  private record Trained(List<TrainingProgress> progress, List<float[]> weights) {}

  private static Trained train(StudentConfig config, UnaryOperator<TrainingOptions.Builder> more)
      throws IOException {
    TrainingOptions options = more.apply(options(config).toBuilder()).build();
    List<TrainingProgress> progress = new ArrayList<>();
    try (Trainer trainer = new Trainer(BACKEND, config, PAIRS, options)) {
      trainer.run(progress::add);
      List<float[]> weights =
          trainer.average().all().stream().map(Parameter::tensor).map(t -> t.toFloats()).toList();
      return new Trained(progress, weights);
    }
  }

  private static void assertAlike(Trained actual, Trained expected, double tolerance) {
    assertThat(actual.progress()).hasSize(STEPS);
    for (int i = 0; i < STEPS; i++) {
      TrainingProgress one = actual.progress().get(i);
      TrainingProgress other = expected.progress().get(i);
      assertThat(one.loss()).as("loss %s", i).isEqualTo(other.loss(), within(tolerance));
      assertThat(one.l1()).as("l1 %s", i).isEqualTo(other.l1(), within(tolerance));
      assertThat(one.mask()).as("mask %s", i).isEqualTo(other.mask(), within(tolerance));
      assertThat(one.gan()).as("gan %s", i).isEqualTo(other.gan(), within(tolerance));
      assertThat(one.discriminator()).isEqualTo(other.discriminator(), within(tolerance));
    }
  }

  /** Adam divides by the root of the squares, so that rounding shows where gradients are small. */
  private static double farthest(Trained one, Trained other) {
    double farthest = 0;
    for (int i = 0; i < one.weights().size(); i++) {
      for (int j = 0; j < one.weights().get(i).length; j++) {
        double distance = Math.abs(one.weights().get(i)[j] - other.weights().get(i)[j]);
        assertThat(distance).isFinite();
        farthest = Math.max(farthest, distance);
      }
    }
    return farthest;
  }

  @ParameterizedTest
  @MethodSource("students")
  void aBatchInPartsIsTheBatch(StudentConfig config) throws IOException {
    Trained whole = train(config, options -> options);
    Trained parts = train(config, options -> options.parts(2));
    assertAlike(parts, whole, 2e-5);
    assertThat(farthest(parts, whole)).isLessThan(1e-3);
    Trained other = train(config, options -> options.seed(1));
    assertThat(farthest(other, whole)).as("of another seed").isGreaterThan(0.1);
  }

  /** The discriminator then sees less differ: its groups are of two, not four. */
  @Test
  void partsSmallerThanGroupsAreNot() throws IOException {
    StudentConfig config = FastConfig.small(SIZE, 4);
    Trained whole = train(config, options -> options);
    Trained parts = train(config, options -> options.parts(4));
    for (int i = 0; i < 2; i++) {
      assertThat(parts.progress().get(i).loss())
          .isEqualTo(whole.progress().get(i).loss(), within(2e-5));
    }
    double difference =
        parts.progress().get(3).discriminator() - whole.progress().get(3).discriminator();
    assertThat(Math.abs(difference)).isGreaterThan(1e-4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(config).toBuilder().parts(3).build())
        .withMessage("a batch of 8 does not fall into 3 parts of a size");
  }

  @ParameterizedTest
  @MethodSource("students")
  void whatIsMadeAgainIsTheSame(StudentConfig config) throws IOException {
    Trained all = train(config, options -> options);
    Trained levels = train(config, options -> options.remembering(Remembering.LEVELS));
    assertAlike(levels, all, 2e-5);
    assertThat(farthest(levels, all)).isLessThan(1e-3);
  }

  @Test
  void beginsWithAnotherStudent() throws IOException {
    StudentConfig config = FastConfig.small(SIZE, 4);
    Path first = folder.resolve("first");
    Path state = folder.resolve("state");
    try (Trainer trainer = new Trainer(BACKEND, config, PAIRS, options(config))) {
      trainer.run(progress -> true);
      StudentFiles.write(first, config, trainer.average(), Map.of());
    }
    TrainingOptions other = options(config).toBuilder().seed(9).build();
    try (Trainer trainer = new Trainer(BACKEND, config, PAIRS, other)) {
      trainer.startFrom(first);
      StudentFiles.write(folder.resolve("second"), config, trainer.average(), Map.of());
      assertThat(folder.resolve("second/model.safetensors"))
          .hasSameBinaryContentAs(first.resolve("model.safetensors"));
      trainer.run(progress -> progress.step() < 2);
      trainer.save(state);
    }
    try (Trainer trainer = new Trainer(BACKEND, config, PAIRS, other)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.resume(state))
          .withMessageContaining("is a training that began with other weights");
      trainer.startFrom(first.resolve("model.safetensors"));
      trainer.resume(state);
      assertThat(trainer.step()).isEqualTo(2);
    }
    StudentConfig wider = FastConfig.small(SIZE, 8);
    try (Trainer trainer = new Trainer(BACKEND, wider, PAIRS, options(wider))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.startFrom(first))
          .withMessageContaining("cannot be the start of this training: its width is 4, not 8");
    }
  }
}
