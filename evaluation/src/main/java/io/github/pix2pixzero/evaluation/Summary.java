package io.github.pix2pixzero.evaluation;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The means of one method over the samples of a kind, or over all.
 *
 * @param kind a kind, or {@value #ALL}
 * @param n samples
 * @param seconds mean over those of which it is known; null if of none
 * @param invertSeconds the same of the inversions
 * @param measures means by name over the results that have a value; null where none has
 */
public record Summary(
    String method,
    String kind,
    int n,
    Double seconds,
    Double invertSeconds,
    Map<String, Double> measures) {
  /** Every kind together. */
  public static final String ALL = "all";

  public Summary {
    measures = Collections.unmodifiableMap(new LinkedHashMap<>(measures));
  }

  /** For each method, in the order of the rows, all together and then a kind each. */
  public static List<Summary> of(Collection<Row> rows) {
    Map<String, List<Row>> methods = grouped(rows, Row::method);
    List<Summary> summaries = new ArrayList<>();
    methods.forEach(
        (method, made) -> {
          summaries.add(of(method, ALL, made));
          Map<String, List<Row>> kinds = grouped(made, Row::kind);
          if (kinds.size() > 1) {
            kinds.forEach((kind, some) -> summaries.add(of(method, kind, some)));
          }
        });
    return summaries;
  }

  private static Summary of(String method, String kind, List<Row> rows) {
    Map<String, Double> means = new LinkedHashMap<>();
    for (String name : rows.get(0).measures().keySet()) {
      means.put(name, mean(rows, row -> row.measures().get(name)));
    }
    return new Summary(
        method, kind, rows.size(), mean(rows, Row::seconds), mean(rows, Row::invertSeconds), means);
  }

  /** Over the rows that have a value; null if none has. */
  private static Double mean(List<Row> rows, Function<Row, Double> value) {
    OptionalDouble mean =
        rows.stream()
            .map(value)
            .filter(Objects::nonNull)
            .mapToDouble(Double::doubleValue)
            .average();
    return mean.isPresent() ? mean.getAsDouble() : null;
  }

  private static Map<String, List<Row>> grouped(Collection<Row> rows, Function<Row, String> by) {
    return rows.stream()
        .collect(Collectors.groupingBy(by, LinkedHashMap::new, Collectors.toList()));
  }
}
