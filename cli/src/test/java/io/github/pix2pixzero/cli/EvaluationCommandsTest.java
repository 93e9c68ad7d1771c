package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code measure} and {@code evaluate}, with the tiny networks that evaluation is tested with. */
class EvaluationCommandsTest {
  private static final Path GOLDENS =
      Path.of("..", "evaluation", "src", "test", "resources", "goldens");
  private static final Path CLIP =
      Path.of("..", "clip-text", "src", "test", "resources", "goldens", "clip-image");

  @TempDir Path folder;

  private static JsonNode json(Path file) throws IOException {
    return JsonMapper.builder().build().readTree(file.toFile());
  }

  @Test
  void measuresPieBenchAsItsOwnCodeDoes() throws IOException {
    Path pie = GOLDENS.resolve("pie-mini");
    Path squeeze = GOLDENS.resolve("lpips").resolve("squeeze");
    Path out = folder.resolve("report");

    CommandLineRun run =
        CommandLineRun.of(
            "measure",
            "--source",
            pie.resolve("data"),
            "--edited",
            pie.resolve("output/blur"),
            "--edited",
            "same=" + pie.resolve("data/annotation_images"),
            "--clip",
            CLIP,
            "--dino",
            GOLDENS.resolve("dino"),
            "--lpips",
            squeeze.resolve("backbone.safetensors"),
            "--lpips-heads",
            squeeze.resolve("lin.safetensors"),
            "--out",
            out);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("| same | 6 |").contains("wrote " + out.resolve("report.html"));
    JsonNode blur = json(out.resolve("results.json")).get("summaries").get(0);
    JsonNode expected = json(pie.resolve("expected.json")).get("blur_mean_without_nan");
    assertThat(blur.get("method").asText()).isEqualTo("blur");
    for (String name : new String[] {"lpips_unedit_part", "structure_distance"}) {
      assertThat(blur.get("measures").get(name).doubleValue() / expected.get(name).doubleValue())
          .as(name)
          .isBetween(0.999, 1.001);
    }
  }

  @Test
  void measuresPicturesOfWhichNothingIsKnown() throws IOException {
    Path before = Files.createDirectory(folder.resolve("before"));
    Path after = Files.createDirectory(folder.resolve("after"));
    CommandLineRun.example("cat.png", before);
    Files.copy(CommandLineRun.example("dog.png", folder), after.resolve("cat.png"));

    CommandLineRun run = CommandLineRun.of("measure", "--source", before, "--edited", after);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("| method | n | psnr ↑ | mse ↓ | ssim ↑ |")
        .contains("| after | 1 | ");
  }

  @Test
  void evaluatesSeveralMethods() throws IOException {
    CommandLineRun.example("cat.png", folder);
    Files.writeString(
        folder.resolve("samples.csv"),
        "picture,caption,target_caption\n"
            + "cat.png,a photo of a gray cat in the snow,a photo of a gray dog in the snow\n");
    Path out = folder.resolve("out");
    Object[] command = {
      "evaluate",
      folder,
      "--out",
      out,
      "--method",
      "quick=--steps 1",
      "--method",
      "along=--method published --steps 1 --guidance-amount 0"
    };

    CommandLineRun run = CommandLineRun.of(command);

    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("quick cat").contains("along cat").contains("| along | 1 |");
    assertThat(out.resolve("quick/cat.png")).exists();
    assertThat(Files.readString(out.resolve("report.html")))
        .contains("src=\"quick/cat.png\"")
        .contains("src=\"along/cat.png\"");
    CommandLineRun again = CommandLineRun.of(command);
    assertThat(again.code()).isZero();
    assertThat(again.out()).doesNotContain("quick cat");
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Path pictures = Files.createDirectory(folder.resolve("pictures"));
    CommandLineRun.example("cat.png", pictures);
    assertRefused(2, "no method bogus", "evaluate", pictures, "--out", folder, "--method", "bogus");
    assertRefused(2, "'--bogus'", "evaluate", pictures, "--out", folder, "--method", "x=--bogus 1");
    assertRefused(
        2,
        "two methods are called ddim",
        "evaluate",
        pictures,
        "--out",
        folder,
        "--method",
        "ddim",
        "--method",
        "ddim=--steps 2");
    assertRefused(1, "a samples.csv can", "evaluate", pictures, "--out", folder.resolve("out"));
    assertRefused(1, "no such folder", "measure", "--source", pictures, "--edited", "nowhere");
    assertRefused(
        1,
        "no such folder or file: a/b/c",
        "measure",
        "--source",
        pictures,
        "--edited",
        pictures,
        "--clip",
        "a/b/c");
    assertRefused(
        2, "go together", "measure", "--source", pictures, "--edited", pictures, "--lpips", "x");
    assertRefused(
        2,
        "--limit should be",
        "measure",
        "--source",
        pictures,
        "--edited",
        pictures,
        "--limit",
        "0");
  }

  private static void assertRefused(int code, String message, Object... command) {
    CommandLineRun run = CommandLineRun.of(command);
    assertThat(run.err()).contains(message);
    assertThat(run.code()).isEqualTo(code);
  }
}
