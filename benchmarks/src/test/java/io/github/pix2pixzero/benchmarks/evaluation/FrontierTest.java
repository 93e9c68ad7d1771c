package io.github.pix2pixzero.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrontierTest {
  private static final String ROW =
      "{\"id\": \"%s\", \"kind\": \"\", \"method\": \"edit\", \"seconds\": %s,"
          + " \"invertSeconds\": 0.1, \"measures\": {}}";

  @TempDir Path folder;

  private Path evaluation(String name, double seconds, double truth) throws IOException {
    Path out = Files.createDirectory(folder.resolve(name));
    String rows =
        String.join(
            ",",
            ROW.formatted("first", 100 * seconds),
            ROW.formatted("second", seconds),
            ROW.formatted("third", seconds),
            ROW.formatted("resumed", null));
    Files.writeString(
        out.resolve("results.json"),
        """
        {"settings": {}, "rows": [%s], "summaries": [
          {"method": "edit", "kind": "all", "n": 4, "seconds": 9, "invertSeconds": 0.1,
           "measures": {"success": 0.5, "truth": %s}},
          {"method": "edit", "kind": "animal", "n": 1, "seconds": 9, "invertSeconds": 0.1,
           "measures": {"success": 0.5, "truth": 1}}]}
        """
            .formatted(rows, truth));
    return out;
  }

  @Test
  void aPointForEveryEvaluationFromTheFastestOn() throws IOException {
    Path plot = folder.resolve("frontier.svg");

    String table =
        Frontier.run(
            List.of(evaluation("standard", 0.71, 23.23), evaluation("draft", 0.37, 22.9)), plot);

    assertThat(table)
        .isEqualTo(
            """

            ![A panel a measure, over seconds](images/frontier.svg)

            | | s an edit | n | success | truth |
            |---|--:|--:|--:|--:|
            | draft | 0.37 | 4 | 0.50 | 22.90 |
            | standard | 0.71 | 4 | 0.50 | 23.23 |
            """);
    assertThat(Files.readString(plot))
        .startsWith("<svg")
        .containsSubsequence(">success<", ">draft<", ">standard<", ">truth<", ">draft<", ">0.5<");
  }

  @Test
  void aFolderWithoutResultsIsNamed() throws IOException {
    Path some = evaluation("some", 1, 2);
    Path plot = folder.resolve("frontier.svg");

    assertThatIOException()
        .isThrownBy(() -> Frontier.run(List.of(some, folder), plot))
        .withMessageContaining(folder + " is not the folder of an evaluation");
    assertThatIllegalArgumentException().isThrownBy(() -> Frontier.run(List.of(some), plot));
    assertThat(plot).doesNotExist();
  }
}
