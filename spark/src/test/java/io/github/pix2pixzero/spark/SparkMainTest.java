package io.github.pix2pixzero.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.spark.PictureResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkMainTest {
  private static final Map<String, String> AS_SPARK_SUBMIT_SETS =
      Map.of(
          "spark.master", "local[2]",
          "spark.executor.cores", "2",
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1");

  @TempDir private Path folder;

  @BeforeEach
  void configure() {
    AS_SPARK_SUBMIT_SETS.forEach(System::setProperty);
  }

  @AfterEach
  void forget() {
    AS_SPARK_SUBMIT_SETS.keySet().forEach(System::clearProperty);
  }

  private static int edit(Path input, Path output, String... more) {
    String[] first = {"edit", input.toString(), "-o", output.toString(), "--from", "cat"};
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return SparkMain.run(all);
  }

  @Test
  @NeedsHadoop
  void argumentsReachTheEdit() throws IOException {
    Path cat = Photos.in(folder).resolve("cat.png");
    Path broken = Files.writeString(folder.resolve("broken.png"), "no picture");
    Path output = folder.resolve("edits");
    String[] more = {
      "--to",
      "dog",
      "--steps",
      "1",
      "--method",
      "sdedit",
      "--noise-strength",
      "1",
      "--regularization",
      "none",
      broken.toString()
    };
    assertThat(edit(cat, output, more)).as("with half of the pictures failed").isEqualTo(1);
    assertThat(output).isDirectoryContaining("glob:**/cat-*.png");
    assertThat(Photos.contents(output)).hasSize(1);
  }

  @Test
  void fewFailuresAreNoFailure() {
    List<PictureResult> results =
        new ArrayList<>(Collections.nCopies(19, new PictureResult("made", "1", Outcome.MADE, "")));
    results.add(new PictureResult("failed", "", Outcome.FAILED, "broken"));
    assertThat(JobReport.of(results).hasFailed()).isFalse();
    results.remove(0);
    assertThat(JobReport.of(results).hasFailed()).isTrue();
  }

  @Test
  void whatMakesNoSenseIsSaidBeforeSparkStarts() {
    assertThat(edit(folder, folder)).isEqualTo(2);
    assertThat(edit(folder, folder, "--to", "dog", "--steps", "0")).isEqualTo(2);
    assertThat(edit(folder, folder, "--to", "dog", "--method", "none")).isEqualTo(2);
  }
}
