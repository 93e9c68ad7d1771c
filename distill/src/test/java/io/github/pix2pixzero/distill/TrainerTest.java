package io.github.pix2pixzero.distill;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TrainerTest {
  private static final int SIZE = 16;
  private static final Backend BACKEND = Backends.best(2);
  private static final List<Pair> PAIRS = Shapes.pairs(24, SIZE);

  @TempDir private Path folder;

  static Stream<StudentConfig> students() {
    return Stream.of(
        ComodConfig.small(SIZE, 4),
        new ComodConfig(
            SIZE, List.of(8, 8, 4), 12, 0.5, new ComodConfig.Mapping(3, 5, 2, 0.01), Head.PLAIN),
        FastConfig.small(SIZE, 4));
  }

  private static TrainingOptions options(StudentConfig student, long steps) {
    return TrainingOptions.builder(student).steps(steps).batch(4).seed(3).build();
  }

  private static void run(Trainer trainer, long until) throws IOException {
    trainer.run(progress -> progress.step() < until);
    assertThat(trainer.step()).isEqualTo(until);
  }

  /** Ten steps of differences alone, ten with a discriminator; killed within either. */
  @ParameterizedTest
  @MethodSource("students")
  void resumesWithTheSameBits(StudentConfig config) throws IOException {
    TrainingOptions options = options(config, 20).toBuilder().adversarialFrom(10).build();
    Path whole = folder.resolve("whole");
    try (Trainer trainer = new Trainer(BACKEND, config, PairSource.of(PAIRS), options)) {
      run(trainer, 20);
      trainer.save(whole);
    }
    for (int killedAt : new int[] {4, 10, 13}) {
      Path state = folder.resolve("state-" + killedAt);
      try (Trainer trainer = new Trainer(BACKEND, config, PairSource.of(PAIRS), options)) {
        run(trainer, killedAt);
        trainer.save(state);
        run(trainer, killedAt + 2); // is lost
      }
      try (Trainer trainer = new Trainer(Backends.best(1), config, PairSource.of(PAIRS), options)) {
        trainer.resume(state);
        assertThat(trainer.step()).isEqualTo(killedAt);
        run(trainer, 20);
        trainer.save(state);
      }
      assertThat(state).as("killed at %s", killedAt).hasSameBinaryContentAs(whole);
    }
  }

  @Test
  void learnsTheEditAndIsUsedFromItsFiles() throws IOException {
    StudentConfig config = ComodConfig.small(SIZE, 8);
    List<Pair> held = Shapes.pairs(40, SIZE).subList(PAIRS.size(), 40);
    Path files = folder.resolve("student");
    double inside = 0;
    double outside = 0;
    double copied = 0;
    try (Trainer trainer =
        new Trainer(BACKEND, config, PairSource.of(PAIRS), options(config, 300))) {
      trainer.run(progress -> true);
      StudentFiles.write(files, config, trainer.average(), Map.of("edit", "blue to red"));
      Student student = StudentFiles.read(ModelFolder.of(files), BACKEND);
      assertThat(student.config()).isEqualTo(config);
      for (Pair pair : held) {
        Tensor source = Tensor.of(BACKEND, pair.source(), 1, SIZE, SIZE, 3);
        float[] edited = student.apply(source).toFloats();
        assertClose(trainer.student().apply(source), edited, 1e-5);
        inside += error(edited, pair, true) / held.size();
        outside += error(edited, pair, false) / held.size();
        copied += error(pair.source(), pair, true) / held.size();
      }
    }
    assertThat(inside).as("beside %s of a copy", copied).isLessThan(copied / 2);
    assertThat(outside).isLessThan(0.05);
  }

  /** Mean absolute difference from the target, where the edit is or where it is not. */
  private static double error(float[] picture, Pair pair, boolean inside) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < picture.length; i++) {
      if ((pair.mask()[i / Pair.COLOURS] > 0) == inside) {
        sum += Math.abs((double) picture[i] - pair.target()[i]);
        count++;
      }
    }
    return sum / count;
  }

  @Test
  void stepsThatAreNotFiniteAreSkippedAndThreeInARowAreTheEnd() throws IOException {
    StudentConfig config = FastConfig.small(SIZE, 4);
    float[] broken = PAIRS.get(0).target().clone();
    Arrays.fill(broken, Float.NaN);
    Pair bad = new Pair("bad", SIZE, SIZE, PAIRS.get(0).source(), broken, PAIRS.get(0).mask());
    List<Pair> some = new ArrayList<>(PAIRS.subList(0, 7));
    some.add(bad);
    TrainingOptions options = options(config, 12).toBuilder().batch(1).build();
    List<Long> skipped = new ArrayList<>();
    try (Trainer trainer = new Trainer(BACKEND, config, PairSource.of(some), options)) {
      trainer.run(progress -> skipped.add(progress.skipped()));
      Tensor source = Tensor.of(BACKEND, bad.source(), 1, SIZE, SIZE, 3);
      for (float value : trainer.student().apply(source).toFloats()) {
        assertThat(value).isFinite();
      }
    }
    assertThat(skipped.get(7)).isEqualTo(1);
    try (Trainer trainer = new Trainer(BACKEND, config, PairSource.of(List.of(bad)), options)) {
      assertThatExceptionOfType(ArithmeticException.class)
          .isThrownBy(() -> trainer.run(progress -> true))
          .withMessageStartingWith("losses or gradients of 3 steps in a row up to step 2 are not");
    }
  }

  @Test
  void refusesWhatDoesNotGoTogether() throws IOException {
    StudentConfig config = FastConfig.small(SIZE, 4);
    TrainingOptions options = options(config, 5);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Trainer(BACKEND, config, PairSource.of(List.of()), options))
        .withMessage("there are no pairs to train on");
    Path state = folder.resolve("state");
    try (Trainer trainer = new Trainer(BACKEND, config, PairSource.of(PAIRS), options)) {
      run(trainer, 1);
      trainer.save(state);
    }
    try (Trainer trainer =
        new Trainer(BACKEND, config, PairSource.of(PAIRS), options.toBuilder().seed(4).build())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> trainer.resume(state))
          .withMessageContaining("is a training with the options")
          .withMessageContaining("seed=3, not seed=4;");
    }
    StudentConfig large = FastConfig.small(2 * SIZE, 4);
    try (Trainer trainer = new Trainer(BACKEND, large, PairSource.of(PAIRS), options(large, 5))) {
      assertThatExceptionOfType(IllegalStateException.class)
          .isThrownBy(() -> trainer.run(progress -> true))
          .havingCause()
          .withMessageContaining("16 × 16 pixels, which are less than the student's 32 × 32");
    }
    assertThatIOException().isThrownBy(() -> StudentFiles.read(ModelFolder.of(folder), BACKEND));
  }
}
