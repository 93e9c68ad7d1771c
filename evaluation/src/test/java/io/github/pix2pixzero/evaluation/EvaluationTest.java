package io.github.pix2pixzero.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.evaluation.measure.Convention;
import io.github.pix2pixzero.evaluation.measure.MeanSquaredError;
import io.github.pix2pixzero.evaluation.measure.Measure;
import io.github.pix2pixzero.evaluation.measure.Part;
import io.github.pix2pixzero.evaluation.measure.PeakSignalToNoise;
import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.evaluation.set.Sample;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three pictures in a table, edited by filling the right half with a level of grey. */
class EvaluationTest {
  private static final List<Measure> MEASURES =
      List.of(new MeanSquaredError(Part.WHOLE), new MeanSquaredError(Part.BACKGROUND));

  @TempDir Path folder;

  private final List<String> edited = new ArrayList<>();
  private Path out;

  @BeforeEach
  void makeASet() throws IOException {
    out = folder.resolve("out");
    BufferedImage mask = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    fill(mask, 255);
    PictureFiles.write(mask, folder.resolve("mask.png"));
    StringBuilder table = new StringBuilder("picture,caption,target_caption,mask,kind\n");
    for (String name : List.of("a", "b", "c")) {
      PictureFiles.write(
          new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB), folder.resolve(name + ".png"));
      table.append("%s.png,black,<half> grey,mask.png,%s\n".formatted(name, name.equals("c")));
    }
    Files.writeString(folder.resolve("samples.csv"), table);
  }

  private static void fill(BufferedImage picture, int level) {
    for (int y = 0; y < 4; y++) {
      picture.setRGB(2, y, level * 0x10101);
      picture.setRGB(3, y, level * 0x10101);
    }
  }

  private MethodResults filling(String name, int step) {
    return MethodResults.of(
        new Editor() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public String settings() {
            return "step " + step;
          }

          @Override
          public Edited edit(Sample sample, BufferedImage source) {
            edited.add(name + sample.id());
            BufferedImage picture = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
            fill(picture, step * (sample.id().charAt(0) - 'a'));
            return new Edited(picture, Duration.ofNanos(5));
          }
        },
        out);
  }

  private List<Row> run(List<Measure> measures, MethodResults... methods) throws IOException {
    return new Evaluation(EvaluationSet.open(folder), measures, out)
        .run(List.of(methods), row -> {});
  }

  /** An evaluation that came to nothing does not bind the next. */
  @Test
  void settingsWithoutResultsAreReplaced() throws IOException {
    MethodResults failing =
        MethodResults.of(
            new Editor() {
              @Override
              public String name() {
                return "one";
              }

              @Override
              public String settings() {
                return "step 0";
              }

              @Override
              public Edited edit(Sample sample, BufferedImage source) {
                throw new IllegalStateException("no");
              }
            },
            out);
    assertThatIllegalStateException().isThrownBy(() -> run(MEASURES, failing));
    assertThat(out).isDirectoryContaining("glob:**settings.json");
    assertThat(run(MEASURES, filling("one", 51))).hasSize(3);
    assertThatIOException()
        .isThrownBy(() -> run(MEASURES, failing))
        .withMessageContaining("other settings");
  }

  @Test
  void measuresEveryMethod() throws IOException {
    List<Row> rows = run(MEASURES, filling("one", 51), filling("two", 102));

    assertThat(rows).hasSize(6);
    assertThat(rows.get(5).method()).isEqualTo("two");
    assertThat(rows.get(5).value("mse").orElseThrow()).isCloseTo(0.32, within(1e-6));
    assertThat(rows.get(5).value("mse_unedit_part")).hasValue(0);
    assertThat(rows.get(5).seconds()).isGreaterThan(5e-9);
    assertThat(rows.get(5).invertSeconds()).isEqualTo(5e-9);
    JsonNode results = JsonMapper.builder().build().readTree(out.resolve("results.json").toFile());
    assertThat(results.get("rows")).hasSize(6);
    assertThat(results.get("settings").get("methods").get("one").asText()).isEqualTo("step 51");
    JsonNode overall = results.get("summaries").get(0);
    assertThat(overall.get("kind").asText()).isEqualTo("all");
    assertThat(overall.get("n").asInt()).isEqualTo(3);
    assertThat(overall.get("measures").get("mse").asDouble())
        .isCloseTo((0 + 0.02 + 0.08) / 3, within(1e-6));
    assertThat(Files.readString(out.resolve("tables.md")))
        .contains("| method | n | mse ↓ | mse_unedit_part ↓ | seconds |")
        .contains("| one | 3 | 0.03333 | 0 | ")
        .contains("## true")
        .contains("- method two: step 102");
  }

  @Test
  void thePageShowsWhatDiffersMostFirst() throws IOException {
    run(MEASURES, filling("one", 51), filling("two", 102));
    String page = Files.readString(out.resolve("report.html"));

    assertThat(page.indexOf("<h3>c · true")).isPositive().isLessThan(page.indexOf("<h3>b · "));
    assertThat(page.indexOf("<h3>b · ")).isLessThan(page.indexOf("<h3>a · "));
    assertThat(page)
        .contains("black → &lt;half&gt; grey")
        .contains("src=\"two/c.png\"")
        .contains("src=\"" + folder.resolve("c.png").toUri() + "\"");
  }

  @Test
  void goesOnWhereItStopped() throws IOException {
    run(MEASURES, filling("one", 51));
    Path journal = out.resolve("rows.jsonl");
    List<String> lines = Files.readAllLines(journal);
    Files.writeString(journal, lines.get(0) + "\n" + lines.get(1).substring(0, 20));
    Files.delete(out.resolve("one").resolve("c.png"));
    edited.clear();

    List<Row> rows = run(MEASURES, filling("one", 51));

    // The picture of the second was made, only its line is lost; that of the third is gone.
    assertThat(edited).containsExactly("onec");
    assertThat(rows).extracting(Row::id).containsExactly("a", "b", "c");
    assertThat(Files.readAllLines(journal)).hasSize(3);
  }

  @Test
  void aMeasureMayBeAddedLater() throws IOException {
    run(MEASURES, filling("one", 51));
    edited.clear();
    List<Measure> more = new ArrayList<>(MEASURES);
    more.add(0, new PeakSignalToNoise(Part.WHOLE));

    List<Row> rows = run(more, filling("one", 51));

    assertThat(edited).isEmpty();
    assertThat(rows.get(0).measures().keySet()).containsExactly("psnr", "mse", "mse_unedit_part");
    assertThat(rows.get(0).value("psnr")).hasValue(Double.POSITIVE_INFINITY);
    assertThat(rows.get(0).seconds()).isPositive();
    assertThat(run(more, filling("one", 51)).get(0)).isEqualTo(rows.get(0));
  }

  @Test
  void resultsOfOtherSettingsAreNotMixed() throws IOException {
    run(MEASURES, filling("one", 51));

    assertThatIOException()
        .isThrownBy(() -> run(MEASURES, filling("one", 52)))
        .withMessageContaining("method one with other settings")
        .withMessageContaining("There: step 51. Now: step 52");
    assertThat(run(MEASURES, filling("two", 52))).hasSize(3);
  }

  @Test
  void resultsOfAnotherSetAreNotMixedWhereverTheSetLies() throws IOException {
    List<Row> rows = run(MEASURES, filling("one", 51));
    edited.clear();
    Path moved = Files.createDirectory(folder.resolve("moved"));
    for (String name : List.of("a.png", "b.png", "c.png", "mask.png", "samples.csv")) {
      Files.move(folder.resolve(name), moved.resolve(name));
    }
    Evaluation evaluation = new Evaluation(EvaluationSet.open(moved), MEASURES, out);

    assertThat(evaluation.run(List.of(filling("one", 51)), row -> {})).isEqualTo(rows);
    assertThat(edited).isEmpty();

    String settings = Files.readString(out.resolve("settings.json"));
    BufferedImage other = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    fill(other, 1);
    for (Path file : List.of(moved.resolve("a.png"), moved.resolve("mask.png"))) {
      byte[] before = Files.readAllBytes(file);
      PictureFiles.write(other, file);
      assertThatIOException()
          .isThrownBy(() -> evaluation.run(List.of(filling("two", 52)), row -> {}))
          .withMessage(
              out
                  + " holds results of another set, whose a has another picture, mask or other"
                  + " words; name another folder");
      assertThat(out.resolve("settings.json")).hasContent(settings);
      Files.write(file, before);
    }
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    Path results = Files.createDirectory(folder.resolve("results"));
    PictureFiles.write(
        new BufferedImage(3, 4, BufferedImage.TYPE_INT_RGB), results.resolve("a.png"));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(MEASURES, MethodResults.of("made", results)))
        .withMessage("a: pictures of different sizes: 4 x 4 and 3 x 4");
    Files.delete(results.resolve("a.png"));
    assertThatIOException()
        .isThrownBy(() -> run(MEASURES, MethodResults.of("made", results)))
        .withMessageContaining("has no result for a: no file a.png");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(MEASURES, filling("one", 1), filling("one", 2)))
        .withMessageContaining("methods of different names");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> filling("../one", 1))
        .withMessageContaining("a method is called \"../one\"");
  }

  @Test
  void whatNeedsNoNetworkIsAlwaysThere() {
    assertThat(new MeasureList(Backends.named("plain", 1), Convention.AUTHORS).build())
        .extracting(Measure::title)
        .containsExactly(
            "psnr", "psnr_unedit_part", "mse", "mse_unedit_part", "ssim", "ssim_unedit_part");
  }
}
