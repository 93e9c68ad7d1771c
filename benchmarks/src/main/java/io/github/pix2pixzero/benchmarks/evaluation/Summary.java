package io.github.pix2pixzero.benchmarks.evaluation;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The means over the edits of one kind, or over all.
 *
 * @param bg empty where no edit has a background
 */
public record Summary(
    String name,
    int n,
    double success,
    double truth,
    double inside,
    OptionalDouble bg,
    double invertSeconds,
    double editSeconds) {

  static final String ALL = "all";

  static Summary of(String name, Collection<Row> rows) {
    return new Summary(
        name,
        rows.size(),
        mean(rows, row -> row.success() ? 1 : 0),
        mean(rows, Row::truth),
        mean(rows, Row::inside),
        rows.stream().map(Row::bg).filter(Objects::nonNull).mapToDouble(bg -> bg).average(),
        mean(rows, Row::invertSeconds),
        mean(rows, Row::editSeconds));
  }

  /** One for each kind of edit, in the order of the rows, and one for all. */
  static List<Summary> of(List<Row> rows) {
    Map<String, List<Row>> kinds =
        rows.stream()
            .collect(Collectors.groupingBy(Row::edit, LinkedHashMap::new, Collectors.toList()));
    List<Summary> summaries =
        kinds.entrySet().stream()
            .map(kind -> of(kind.getKey(), kind.getValue()))
            .collect(Collectors.toList());
    summaries.add(of(ALL, rows));
    return summaries;
  }

  private static double mean(Collection<Row> rows, ToDoubleFunction<Row> value) {
    return rows.stream().mapToDouble(value).average().orElse(Double.NaN);
  }

  /** One line for a person. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "%-28s n %3d success %.2f truth %.2f inside %.2f bg %s invert %.1f s edit %.1f s",
        name,
        n,
        success,
        truth,
        inside,
        background(),
        invertSeconds,
        editSeconds);
  }

  /** The cells of a table after the name. */
  String cells() {
    return String.format(
        Locale.ROOT, "%d | %.2f | %.2f | %.2f | %s", n, success, truth, inside, background());
  }

  private String background() {
    return bg.isPresent() ? String.format(Locale.ROOT, "%.2f", bg.getAsDouble()) : "–";
  }
}
