package io.github.pix2pixzero.benchmarks.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The result of one edit, in the form of {@code eval_reference.py}'s {@code rows.json}.
 *
 * @param invertSeconds how long the inversion took; 0 where another edit of the picture paid for it
 * @param editSeconds how long the edit took after it
 */
@JsonPropertyOrder({
  "id",
  "edit",
  "success",
  "nearest",
  "truth",
  "inside",
  "bg",
  "invert_s",
  "edit_s"
})
record Row(
    String id,
    String edit,
    boolean success,
    String nearest,
    double truth,
    double inside,
    Double bg,
    @JsonProperty("invert_s") double invertSeconds,
    @JsonProperty("edit_s") double editSeconds) {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  static Row of(Scene scene, Measures measures, double invertSeconds, double editSeconds) {
    return new Row(
        scene.id(),
        scene.edit(),
        measures.success(),
        measures.nearest(),
        measures.truth(),
        measures.inside(),
        measures.bg(),
        invertSeconds,
        editSeconds);
  }

  /**
   * Reads a file of rows.
   *
   * @return none if there is no such file
   */
  static List<Row> read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      return JSON.readValue(Files.readAllBytes(file), new TypeReference<List<Row>>() {});
    } catch (JacksonException e) {
      throw new IOException(file + ": " + e.getOriginalMessage(), e);
    }
  }

  static void write(List<Row> rows, Path file) throws IOException {
    AtomicFiles.write(file, out -> JSON.writeValue(out, rows));
  }

  /** One line for a person. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%-28s %-3s nearest %-12s truth %5.2f inside %5.2f bg %s invert %.1f s edit %.1f s",
        id,
        success ? "yes" : "no",
        nearest,
        truth,
        inside,
        bg == null ? "    –" : String.format(Locale.ROOT, "%5.2f", bg),
        invertSeconds,
        editSeconds);
  }
}
