package io.github.pix2pixzero.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ObjectArrays;
import io.github.pix2pixzero.evaluation.Summary;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.guidance.BlendWords;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A set of two edits of the bundled cat, whose answers are made up. */
class ToyEvaluationTest {
  private static final Path EXAMPLES = Path.of("..", "toy-world", "examples");

  @TempDir Path folder;

  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void makeASet() throws IOException {
    Path set = Files.createDirectory(folder.resolve("set"));
    Path sentences = Files.createDirectory(folder.resolve("sentences"));
    StringBuilder scenes = new StringBuilder("[");
    for (int i = 0; i < 2; i++) {
      String id = "animal-cat-big_dog-" + i;
      scenes
          .append(i == 0 ? "" : ",")
          .append(
              """
              {"id": "%s", "attribute": "animal", "from": "cat", "to": "big dog",
               "caption": "a photo of a gray cat in the snow",
               "target_caption": "a photo of a gray dog in the snow", "values": ["cat", "big dog"]}
              """
                  .formatted(id));
      Files.copy(EXAMPLES.resolve("cat.png"), set.resolve(id + "-source.png"));
      Files.copy(EXAMPLES.resolve("cat.png"), set.resolve(id + "-is-cat.png"));
      Files.copy(EXAMPLES.resolve("dog.png"), set.resolve(id + "-is-big_dog.png"));
      Files.copy(EXAMPLES.resolve("dog.png"), set.resolve(id + "-target.png"));
      BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
      mask.setRGB(32, 32, 0xffffff);
      PictureFiles.write(mask, set.resolve(id + "-mask.png"));
    }
    Files.writeString(set.resolve("scenes.json"), scenes.append("]"));
    Files.writeString(sentences.resolve("animal-cat-big_dog-source.txt"), "a cat\n");
    Files.writeString(sentences.resolve("animal-cat-big_dog-target.txt"), "a dog\n");
  }

  private List<Summary> evaluate(String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of("set", "--sentences", "sentences", "--out", "out", "--threads", "1"));
    arguments.addAll(List.of(more));
    said.clear();
    return ToyEvaluation.run(folder, arguments, said::add);
  }

  @Test
  void scoresEveryEditAndGoesOnWhereItStopped() throws IOException {
    assertThat(evaluate("--steps", "1", "--limit", "1").get(0).n()).isEqualTo(1);
    assertThat(said).hasSize(3);
    assertThat(said.get(0)).matches(".* s, inversion [0-9.]+ s");
    Summary all = evaluate("--steps", "1").get(0);
    assertThat(all.n()).isEqualTo(2);
    assertThat(all.measures().keySet()).containsExactly("success", "truth", "inside", "bg");
    assertThat(said).hasSize(3);
    assertThat(said.get(0)).startsWith("animal-cat-big_dog-1 ");
    Path out = folder.resolve("out");
    assertThat(said.get(2)).isEqualTo("pictures: " + out.resolve("report.html"));
    assertThat(out.resolve("report.html"))
        .content()
        .contains("right answer", "animal-cat-big_dog-1-is-big_dog.png");
    JsonNode rows =
        JsonMapper.builder().build().readTree(out.resolve("results.json").toFile()).get("rows");
    assertThat(rows).hasSize(2);
    assertThat(rows.get(1).get("kind").asText()).isEqualTo("animal-cat-big_dog");
    assertThat(rows.get(1).get("measures")).isEqualTo(rows.get(0).get("measures"));
    assertThat(Files.readAllBytes(out.resolve("edit/animal-cat-big_dog-0.png")))
        .isEqualTo(Files.readAllBytes(out.resolve("edit/animal-cat-big_dog-1.png")));
    assertThat(ToyEvaluation.cells(all)).startsWith("2 | ").doesNotContain("–");
  }

  @Test
  void resultsOfOtherOptionsAreNotMixed() throws IOException {
    evaluate("--steps", "1", "--limit", "1");
    assertThatIOException()
        .isThrownBy(() -> evaluate("--steps", "2"))
        .withMessageContaining("other settings");
  }

  @Test
  void kindsThatAreLeftOutAreKnown() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluate("--without-kind", "animal-cat-dog,style"))
        .withMessageContaining("animal-cat-big_dog, of which animal-cat-dog, style cannot");
  }

  @Test
  void whatIsToldOfTheAnswerHelps() throws IOException {
    double alone = truth(evaluate("--steps", "4", "--limit", "1"));
    double mask = truth(evaluate("--steps", "4", "--limit", "1", "--told", "mask", "--out", "m"));
    double answer =
        truth(evaluate("--steps", "4", "--limit", "1", "--told", "answer", "--out", "a"));
    assertThat(mask).isNotEqualTo(alone);
    assertThat(answer).isGreaterThan(alone + 3);
  }

  private static double truth(List<Summary> summaries) {
    return summaries.get(0).measures().get("truth");
  }

  @Test
  void blendsWhereTheWordsLookThatDiffer() throws IOException {
    Texts texts = new Texts("a photo of a white cat", "a photo of an orange cat wearing a hat");
    assertThat(EvaluationOptions.swapped(texts))
        .isEqualTo(BlendWords.of("white", "orange", "wearing", "hat"));
    String[] method = {"--steps", "5", "--limit", "1", "--method", "prompt-to-prompt"};
    double everywhere = truth(evaluate(method));
    double blended =
        truth(
            evaluate(
                ObjectArrays.concat(
                    method, new String[] {"--blend-swapped", "--out", "b"}, String.class)));
    assertThat(blended).isNotEqualTo(everywhere);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluate("--blend-swapped"))
        .withMessage("--blend-swapped is for --method prompt-to-prompt");
  }

  @Test
  void saysWhatItDoesNotUnderstand() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluate("--power", "2"))
        .withMessageStartingWith("Unknown option");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluate("--steps", "many"))
        .withMessageStartingWith("Invalid value for option '--steps'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluate("--gradient", "half"))
        .withMessageStartingWith("Invalid value for option '--gradient'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> evaluate("--steps"))
        .withMessageStartingWith("Missing required parameter for option '--steps'");
    assertThatIOException()
        .isThrownBy(
            () ->
                ToyEvaluation.run(
                    folder, List.of("sentences", "--sentences", "x", "--out", "y"), said::add))
        .withMessageContaining("is not an evaluation set: it has no scenes.json");
  }
}
