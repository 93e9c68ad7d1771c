package io.github.pix2pixzero.evaluation;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.evaluation.Evaluation.Scored;
import io.github.pix2pixzero.evaluation.measure.Measure;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** What an evaluation has found, for programs and for people. */
final class Reports {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Settings settings;
  private final ImmutableList<Measure> measures;
  private final ImmutableList<Scored> samples;

  Reports(Settings settings, List<Measure> measures, List<Scored> samples) {
    this.settings = settings;
    this.measures = ImmutableList.copyOf(measures);
    this.samples = ImmutableList.copyOf(samples);
  }

  /** As {@code results.json} has it. Infinity is the text "Infinity", a missing value null. */
  private record All(Settings settings, List<Summary> summaries, List<Row> rows) {}

  void write(Path folder) throws IOException {
    List<Row> rows =
        samples.stream()
            .flatMap(sample -> sample.results().stream())
            .map(Scored.Result::row)
            .toList();
    List<Summary> summaries = Summary.of(rows);
    Tables tables = new Tables(measures, rows, summaries);
    AtomicFiles.write(
        folder.resolve("results.json"),
        stream -> JSON.writeValue(stream, new All(settings, summaries, rows)));
    text(folder.resolve(Evaluation.TABLES), tables.markdown(settings));
    text(
        folder.resolve(Evaluation.REPORT),
        new HtmlReport(folder, settings, tables, samples).toString());
  }

  private static void text(Path file, String content) throws IOException {
    AtomicFiles.write(file, stream -> stream.write(content.getBytes(StandardCharsets.UTF_8)));
  }
}
