package io.github.pix2pixzero.evaluation;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.evaluation.measure.Measure;
import io.github.pix2pixzero.evaluation.measure.Measure.Better;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Means in tables: of all methods beside one another, over all and a kind. */
final class Tables {
  private final ImmutableList<Measure> columns;
  private final ImmutableList<Summary> summaries;
  private final boolean timed;

  /** Measures of which no row has a value have no column. */
  Tables(List<Measure> measures, List<Row> rows, List<Summary> summaries) {
    columns =
        measures.stream()
            .filter(
                measure -> rows.stream().anyMatch(row -> row.value(measure.title()).isPresent()))
            .collect(ImmutableList.toImmutableList());
    this.summaries = ImmutableList.copyOf(summaries);
    timed = rows.stream().anyMatch(row -> row.seconds() != null);
  }

  ImmutableList<Measure> columns() {
    return columns;
  }

  /** The kinds that have a table, all together first. */
  List<String> kinds() {
    return summaries.stream().map(Summary::kind).distinct().toList();
  }

  /** The head of a table: a column a measure, with an arrow to the better side. */
  List<String> head() {
    Stream<String> titles = columns.stream().map(Tables::title);
    return join("method", "n", titles, timed ? Stream.of("seconds", "inverting") : Stream.empty());
  }

  /** A line a method. */
  List<List<String>> lines(String kind) {
    List<List<String>> lines = new ArrayList<>();
    for (Summary summary : summaries) {
      if (summary.kind().equals(kind)) {
        lines.add(
            join(
                summary.method(),
                Integer.toString(summary.n()),
                columns.stream().map(measure -> number(summary.measures().get(measure.title()))),
                timed
                    ? Stream.of(number(summary.seconds()), number(summary.invertSeconds()))
                    : Stream.empty()));
      }
    }
    return lines;
  }

  private static List<String> join(
      String first, String second, Stream<String> numbers, Stream<String> last) {
    return Stream.of(Stream.of(first, second), numbers, last).flatMap(cells -> cells).toList();
  }

  static String title(Measure measure) {
    return switch (measure.better()) {
      case HIGHER -> measure.title() + " ↑";
      case LOWER -> measure.title() + " ↓";
      case NEITHER -> measure.title();
    };
  }

  /** Four digits that count, so that small and large numbers can be compared; – for none. */
  static String number(Double value) {
    if (value == null) {
      return "–";
    }
    double size = Math.abs(value);
    if (size == 0 || Double.isInfinite(value)) {
      return size == 0 ? "0" : value > 0 ? "∞" : "-∞";
    }
    int decimals = (int) Math.max(0, Math.min(12, 3 - Math.floor(Math.log10(size))));
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  String markdown(Settings settings) {
    StringBuilder text = new StringBuilder("# ").append(settings.set()).append("\n");
    for (String kind : kinds()) {
      text.append("\n## ").append(kind.isEmpty() ? "without a kind" : kind).append("\n\n");
      text.append(line(head())).append("|---|--:");
      text.append("|--:".repeat(head().size() - 2)).append("|\n");
      lines(kind).forEach(line -> text.append(line(line)));
    }
    text.append("\n## How it was measured\n\n");
    columns.stream()
        .filter(measure -> !measure.settings().isEmpty())
        .forEach(
            measure ->
                text.append("- ")
                    .append(measure.title())
                    .append(": ")
                    .append(measure.settings())
                    .append('\n'));
    settings
        .methods()
        .forEach(
            (name, how) ->
                text.append("- method ").append(name).append(": ").append(how).append('\n'));
    return text.toString();
  }

  private static String line(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  /** Which way is better, as a factor: 1 for higher, -1 for lower, 0 for neither. */
  static int sign(Measure measure) {
    return measure.better() == Better.HIGHER ? 1 : measure.better() == Better.LOWER ? -1 : 0;
  }
}
