package io.github.pix2pixzero.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.distill.collect.PairCollector;
import io.github.pix2pixzero.distill.collect.PictureList;
import io.github.pix2pixzero.spark.PictureResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsHadoop
class PairJobTest {
  @TempDir private Path folder;
  private Path photos;

  @BeforeEach
  void prepare() throws IOException {
    photos = Photos.in(folder);
  }

  /** The pairs as one machine makes them. */
  private Path alone() throws IOException {
    Path alone = folder.resolve("alone");
    ToySetup setup = new ToySetup("dog");
    new PairCollector(setup.load(1), setup.options(), List.of(), alone)
        .collect(
            PictureList.of(List.of(photos)).iterator(),
            Integer.MAX_VALUE,
            ProgressListener.NONE,
            (record, made, summary) -> {});
    return alone;
  }

  private JobReport job(JavaSparkContext spark, Path output, String to) throws IOException {
    return PairJob.run(
        spark, List.of(photos.toString()), output.toString(), new ToySetup(to), false);
  }

  @Test
  void pairsAreThoseOfOneMachine() throws IOException {
    Files.writeString(photos.resolve("broken.png"), "no picture");
    Path together = folder.resolve("together");
    try (JavaSparkContext spark = LocalSpark.inProcess()) {
      JobReport first = job(spark, together, "dog");
      assertThat(first.with(Outcome.MADE)).hasSize(Photos.COUNT);
      assertThat(first.with(Outcome.FAILED))
          .singleElement()
          .satisfies(
              failed -> {
                assertThat(failed.picture()).endsWith("/broken.png");
                assertThat(failed.message()).isNotEmpty();
              });
      assertThat(Photos.contents(together))
          .containsKeys("collection.json", "train_prompts.json", "test_prompts.json")
          .isEqualTo(Photos.contents(alone()));

      JobReport second = job(spark, together, "dog");
      assertThat(second.with(Outcome.KNOWN)).hasSize(Photos.COUNT);
      assertThat(second.with(Outcome.MADE)).isEmpty();

      assertThatExceptionOfType(SparkException.class)
          .isThrownBy(() -> job(spark, together, "bear"))
          .withMessageContaining("holds pairs made with")
          .withMessageContaining("choose another folder");
    }
  }

  @Test
  void anExecutorThatIsKilledCostsNoPair() throws Exception {
    Path pairs = folder.resolve("pairs");
    AtomicInteger lost = new AtomicInteger();
    try (JavaSparkContext spark = LocalSpark.cluster()) {
      spark
          .sc()
          .addSparkListener(
              new SparkListener() {
                @Override
                public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
                  lost.incrementAndGet();
                }
              });
      CompletableFuture<Boolean> killing =
          CompletableFuture.supplyAsync(() -> killAnExecutorAfterAPair(pairs.resolve("pairs")));
      JobReport report = job(spark, pairs, "dog");
      assertThat(killing.get()).as("an executor was killed").isTrue();
      assertThat(report.results()).hasSize(Photos.COUNT);
      assertThat(report.with(Outcome.FAILED)).isEmpty();
      assertThat(report.with(Outcome.KNOWN)).as("not made again").hasSizeBetween(0, 2);
    }
    assertThat(lost).as("executors that Spark missed").hasPositiveValue();
    assertThat(Photos.contents(pairs)).isEqualTo(Photos.contents(alone()));
  }

  private static boolean killAnExecutorAfterAPair(Path records) {
    try {
      while (!Files.isDirectory(records) || isEmpty(records)) {
        Thread.sleep(5);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return ProcessHandle.current()
        .descendants()
        .filter(process -> process.info().command().orElse("").endsWith("/java"))
        .findFirst()
        .orElseThrow()
        .destroyForcibly(); // SIGKILL
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isEmpty();
    }
  }
}
