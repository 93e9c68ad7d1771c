package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
  private static final int SIZE = 16;
  private static final int STEPS = 12;
  private static final Backend BACKEND = Backends.named("plain", 1);
  private static final StudentConfig CONFIG = FastConfig.small(SIZE, 4);
  private static final List<Pair> ALL = Shapes.pairs(14, SIZE);

  @TempDir private Path folder;

  private static TrainingRun run(Path folder) throws IOException {
    return run(folder, ALL.subList(0, 10), 1);
  }

  private static TrainingRun run(Path folder, List<Pair> pairs, long seed) throws IOException {
    return new TrainingRun(
        BACKEND,
        CONFIG,
        PairSource.of(pairs),
        PairSource.of(ALL.subList(10, 14)),
        TrainingOptions.builder(CONFIG)
            .steps(STEPS)
            .batch(2)
            .adversarialFrom(STEPS - 5)
            .seed(seed)
            .build(),
        TrainingAids.NONE,
        folder,
        Map.of(StudentInfo.FROM, "blue", StudentInfo.TO, "red"));
  }

  @Test
  void leavesAStudentWithItsScoresAndPictures() throws IOException {
    try (TrainingRun run = run(folder)) {
      run.run(Duration.ofMillis(1), (progress, scores) -> true);
    }
    StudentInfo info = StudentFiles.info(folder);
    assertThat(info.config()).isEqualTo(CONFIG);
    assertThat(info.from()).hasValue("blue");
    assertThat(info.metadata())
        .containsEntry("steps", "12")
        .containsEntry("pairs", "10")
        .containsEntry("score_held_out_pairs", "4")
        .containsKeys("score_inside", "score_outside", "score_residue", "score_sharpness");
    assertThat(StudentFiles.isStudent(folder)).isTrue();
    assertThat(Files.readString(folder.resolve("losses.svg"))).startsWith("<svg").contains("L1");
    assertThat(ImageIO.read(folder.resolve("held-out.png").toFile()).getWidth()).isPositive();
    assertThat(Files.readAllLines(folder.resolve("training.jsonl"))).hasSizeBetween(2, STEPS);
    try (TrainingRun again = run(folder)) {
      assertThat(again.step()).isEqualTo(STEPS);
      again.run(
          Duration.ofSeconds(1),
          (progress, scores) -> {
            throw new AssertionError("it was done");
          });
    }
  }

  /** An error ends it without a checkpoint, as a kill does. */
  @Test
  void whereverItIsKilledAnotherRunEndsWithTheSameBits() throws IOException {
    Path whole = folder.resolve("whole");
    try (TrainingRun run = run(whole)) {
      run.run(Duration.ofHours(1), (progress, scores) -> true);
    }
    Random random = new Random(3);
    for (int i = 0; i < 20; i++) {
      Path killed = folder.resolve("killed-" + i);
      int saved = random.nextInt(STEPS / 2);
      int lost = 1 + saved + random.nextInt(STEPS / 2);
      try (TrainingRun run = run(killed)) {
        run.run(Duration.ofHours(1), (progress, scores) -> progress.step() < saved);
      }
      try (TrainingRun run = run(killed)) {
        run.run(
            Duration.ofHours(1),
            (progress, scores) -> {
              if (progress.step() >= lost) {
                throw new ThreadDeath();
              }
              return true;
            });
      } catch (ThreadDeath e) {
        // another run goes on from what was saved
      }
      try (TrainingRun run = run(killed)) {
        run.run(Duration.ofHours(1), (progress, scores) -> true);
      }
      assertSame(killed, whole);
    }
  }

  private static void assertSame(Path one, Path other) {
    for (String name : new String[] {"training.safetensors", "model.safetensors", "config.json"}) {
      assertThat(one.resolve(name)).hasSameBinaryContentAs(other.resolve(name));
    }
  }

  @Test
  void aProcessThatIsKilledGoesOn() throws Exception {
    Path whole = folder.resolve("whole");
    Path killed = folder.resolve("killed");
    Main.main(new String[] {whole.toString()});
    Random random = new Random(9);
    for (int i = 0; i < 3; i++) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Main.class.getName(),
                  killed.toString())
              .inheritIO()
              .start();
      while (process.isAlive() && !TrainingRun.hasBegun(killed)) {
        Thread.sleep(5);
      }
      Thread.sleep(random.nextInt(300));
      process.destroyForcibly().waitFor(); // SIGKILL
    }
    Main.main(new String[] {killed.toString()});
    assertSame(killed, whole);
  }

  /** Trains in a folder, with a checkpoint at every step, until it is done or killed. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws IOException {
      try (TrainingRun run = run(Path.of(arguments[0]))) {
        run.run(Duration.ZERO, (progress, scores) -> true);
      }
    }
  }

  @Test
  void aStopIsACheckpoint() throws IOException {
    try (TrainingRun run = run(folder)) {
      run.run(Duration.ofHours(1), (progress, scores) -> progress.step() < 7);
    }
    try (TrainingRun run = run(folder)) {
      assertThat(run.step()).isEqualTo(7);
    }
  }

  @Test
  void otherOptionsOrPairsAreRefused() throws IOException {
    try (TrainingRun run = run(folder)) {
      run.run(Duration.ofHours(1), (progress, scores) -> false);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(folder, ALL.subList(0, 10), 2))
        .withMessageContaining("is a training with the options");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(folder, ALL.subList(0, 9), 1))
        .withMessageContaining("is a training on other pairs");
  }
}
