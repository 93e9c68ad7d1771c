package io.github.pix2pixzero.benchmarks.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.common.math.Quantiles;
import io.github.pix2pixzero.evaluation.Row;
import io.github.pix2pixzero.evaluation.Summary;
import io.github.pix2pixzero.picture.SvgPanels;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * {@code ./benchmark frontier}: what edits are worth beside the time they take, a point for every
 * evaluation. The time is the median, so that the first edits of a process do not count.
 */
public final class Frontier {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String RESULTS = "results.json";

  private Frontier() {}

  private record Point(String name, double seconds, Summary summary) {
    /** Of a measure without a value there is no point. */
    List<SvgPanels.Point> of(String measure) {
      Double value = summary.measures().get(measure);
      return value == null ? List.of() : List.of(new SvgPanels.Point(seconds, value, name));
    }
  }

  /**
   * Draws the plot.
   *
   * @param folders that evaluations were written to; a point is named after its folder, or after
   *     its method where there are several
   * @param plot the SVG file to write, a panel a measure
   * @return the numbers in Markdown, the fastest first
   * @throws IllegalArgumentException if there are not two points of different times
   * @throws IOException if a folder holds no results of an evaluation
   */
  public static String run(List<Path> folders, Path plot) throws IOException {
    List<Point> points = new ArrayList<>();
    for (Path folder : folders) {
      points.addAll(read(folder));
    }
    checkArgument(points.size() > 1, "frontier takes the folders of two evaluations or more");
    points.sort(Comparator.comparingDouble(Point::seconds));
    List<String> measures = List.copyOf(points.get(0).summary().measures().keySet());
    SvgPanels panels = SvgPanels.overRatios(points.stream().mapToDouble(Point::seconds));
    for (String measure : measures) {
      panels.add(measure, points.stream().flatMap(point -> point.of(measure).stream()).toList());
    }
    byte[] svg = panels.svg().getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(plot, out -> out.write(svg));
    StringBuilder table =
        new StringBuilder("\n![A panel a measure, over seconds](images/")
            .append(plot.getFileName())
            .append(")\n\n| | s an edit | n | %s |\n".formatted(String.join(" | ", measures)))
            .append("|---|--:|--:|%s\n".formatted("--:|".repeat(measures.size())));
    for (Point point : points) {
      table.append(
          "| %s | %s | %s |\n"
              .formatted(
                  point.name(),
                  String.format(Locale.ROOT, "%.2f", point.seconds()),
                  ToyEvaluation.cells(point.summary())));
    }
    return table.toString();
  }

  private static List<Point> read(Path folder) throws IOException {
    Path file = folder.resolve(RESULTS);
    if (Files.notExists(file)) {
      throw new IOException(
          "%s is not the folder of an evaluation: no %s".formatted(folder, RESULTS));
    }
    List<Summary> summaries = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    try {
      JsonNode results = JSON.readTree(file.toFile());
      for (JsonNode summary : results.path("summaries")) {
        summaries.add(JSON.treeToValue(summary, Summary.class));
      }
      for (JsonNode row : results.path("rows")) {
        rows.add(JSON.treeToValue(row, Row.class));
      }
    } catch (JacksonException e) {
      throw new IOException(file + ": " + e.getOriginalMessage(), e);
    }
    summaries.removeIf(summary -> !summary.kind().equals(Summary.ALL));
    List<Point> points = new ArrayList<>();
    for (Summary summary : summaries) {
      List<Double> seconds =
          rows.stream()
              .filter(row -> row.method().equals(summary.method()))
              .map(Row::seconds)
              .filter(Objects::nonNull)
              .toList();
      if (seconds.isEmpty()) {
        throw new IOException(
            "%s: how long %s took is not known".formatted(file, summary.method()));
      }
      String name = summaries.size() == 1 ? folder.getFileName().toString() : summary.method();
      points.add(new Point(name, Quantiles.median().compute(seconds), summary));
    }
    return points;
  }
}
