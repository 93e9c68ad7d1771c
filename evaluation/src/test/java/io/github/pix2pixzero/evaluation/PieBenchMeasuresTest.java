package io.github.pix2pixzero.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Maps;
import io.github.pix2pixzero.evaluation.measure.Convention;
import io.github.pix2pixzero.evaluation.measure.Measure;
import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tables of PnPInversion's evaluate.py, of pictures that lie in a folder. The networks are
 * compared on every backend where they are.
 */
class PieBenchMeasuresTest {
  private static final Path PIE = Goldens.FOLDER.resolve("pie-mini");

  /** Our columns, and theirs with the libraries of the time. */
  private static final ImmutableMap<String, String> THEN =
      Maps.toMap(
          List.of(
              "structure_distance",
              "psnr_unedit_part",
              "lpips_unedit_part",
              "mse_unedit_part",
              "ssim_unedit_part",
              "clip_similarity_source_image",
              "clip_similarity_target_image",
              "clip_similarity_target_image_edit_part"),
          name -> name);

  /** Theirs with current libraries, where that makes a difference. */
  private static final ImmutableMap<String, String> NOW =
      ImmutableMap.of(
          "structure_distance", "structure_distance_torchvision_0_17",
          "lpips_unedit_part", "lpips_torchmetrics_1_2_1_unedit_part",
          "ssim_unedit_part", "ssim_torchmetrics_1_4_2_unedit_part");

  @TempDir Path out;

  private static ImmutableList<Measure> measures(Backend backend, Convention convention)
      throws IOException {
    Path squeeze = Goldens.FOLDER.resolve("lpips/squeeze");
    return new MeasureList(backend, convention)
        .withClip(Goldens.CLIP)
        .withDino(Goldens.FOLDER.resolve("dino"))
        .withLpips(squeeze.resolve("backbone.safetensors"), squeeze.resolve("lin.safetensors"))
        .build();
  }

  private List<Summary> run(Convention convention) throws IOException {
    Backend backend = Backends.best(2);
    List<Row> rows =
        new Evaluation(EvaluationSet.open(PIE.resolve("data")), measures(backend, convention), out)
            .run(
                List.of(
                    MethodResults.of("identity", PIE.resolve("data/annotation_images")),
                    MethodResults.of("blur", PIE.resolve("output/blur"))),
                row -> {});
    JsonNode expected = Goldens.json("pie-mini/expected.json");
    ImmutableMap<String, String> columns = convention == Convention.PIE_BENCH ? THEN : NOW;
    assertThat(rows).hasSize(12);
    for (Row row : rows) {
      JsonNode values = expected.get(row.method()).get(row.id());
      columns.forEach(
          (ours, theirs) ->
              assertAgrees(row + ": " + ours, row.measures().get(ours), values.get(theirs)));
    }
    List<Summary> summaries =
        Summary.of(rows).stream().filter(summary -> summary.kind().equals(Summary.ALL)).toList();
    for (Summary summary : summaries) {
      JsonNode values = expected.get(summary.method() + "_mean_without_nan");
      columns.forEach(
          (ours, theirs) ->
              assertAgrees(
                  summary + ": " + ours, summary.measures().get(ours), values.get(theirs)));
    }
    return summaries;
  }

  private static void assertAgrees(String what, Double actual, JsonNode expected) {
    assertThat(expected).as(what).isNotNull();
    if (expected.asText().equals("nan")) {
      assertThat(actual).as(what).isNull();
    } else if (expected.asText().equals("inf")) {
      assertThat(actual).as(what).isEqualTo(Double.POSITIVE_INFINITY);
    } else {
      double value = expected.doubleValue();
      assertThat(Math.abs(actual - value))
          .as("%s is %s, not %s", what, actual, value)
          .isLessThanOrEqualTo(tolerance(what, value));
    }
  }

  private static double tolerance(String what, double value) {
    if (what.contains(": structure")) {
      return 1e-3 * value + 1e-12; // of the same picture, a sum of squared rounding errors
    }
    if (what.contains(": lpips")) {
      return 2e-4 * value;
    }
    if (what.contains(": mse")) {
      return 1e-6 * value;
    }
    return what.contains(": psnr") ? 1e-4 : what.contains(": ssim") ? 2e-4 : 5e-4;
  }

  @Test
  void agreesWithPieBenchAndTheLibrariesOfItsTime() throws IOException {
    assertThat(run(Convention.PIE_BENCH)).hasSize(2);
  }

  @Test
  void agreesWithPieBenchAndCurrentLibraries() throws IOException {
    assertThat(run(Convention.PIE_BENCH_CURRENT)).hasSize(2);
  }
}
