package io.github.pix2pixzero.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.evaluation.MethodResults.Result;
import io.github.pix2pixzero.evaluation.measure.Comparison;
import io.github.pix2pixzero.evaluation.measure.Measure;
import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.evaluation.set.Sample;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * Takes measures of every picture of a set as one method or several have edited it, and keeps all
 * in a folder: the pictures that were made here, {@code rows.jsonl}, which lets a run that was cut
 * off go on, {@code settings.json}, and at the end {@code results.json} for programs, {@code
 * tables.md} and {@code report.html} for people.
 */
public final class Evaluation {
  /** The tables, in Markdown. */
  public static final String TABLES = "tables.md";

  /** Tables and pictures side by side, for a browser. */
  public static final String REPORT = "report.html";

  private static final String ROWS = "rows.jsonl";

  private final EvaluationSet set;
  private final ImmutableList<Measure> measures;
  private final Path out;

  /**
   * @param measures in the order of tables
   * @param out folder for what is kept; made if it is missing
   */
  public Evaluation(EvaluationSet set, List<? extends Measure> measures, Path out) {
    this.set = set;
    this.measures = ImmutableList.copyOf(measures);
    this.out = out;
  }

  /**
   * Makes and measures what is missing, and writes the reports.
   *
   * @param methods of different names
   * @param listener told of every row that is new
   * @return the rows of all methods, sample by sample
   * @throws IOException if a file is missing or malformed, or the folder holds what was made or
   *     measured with other settings
   */
  public List<Row> run(List<MethodResults> methods, Consumer<Row> listener) throws IOException {
    long names = methods.stream().map(MethodResults::method).distinct().count();
    checkArgument(
        names == methods.size() && names > 0,
        "expected methods of different names, not %s",
        methods.stream().map(MethodResults::method).toList());
    Files.createDirectories(out);
    Journal journal = new Journal(out.resolve(ROWS));
    Map<Journal.Key, Row> known = journal.read();
    Map<String, String> fingerprints = fingerprints();
    checkSamples(known.values(), fingerprints);
    Settings settings = Settings.of(set, measures, methods);
    settings.claim(out);
    List<Row> rows = new ArrayList<>();
    List<Scored> scored = new ArrayList<>();
    for (Sample sample : set.samples()) {
      BufferedImage source = null;
      List<Scored.Result> results = new ArrayList<>();
      for (MethodResults method : methods) {
        Row row = known.get(new Journal.Key(method.method(), sample.id()));
        if (row == null || !isComplete(row) || !method.has(sample)) {
          source = source == null ? sample.source() : source;
          row = measured(sample, fingerprints.get(sample.id()), source, method, row);
          journal.append(row);
          listener.accept(row);
        }
        row = ofThisRun(row);
        rows.add(row);
        results.add(new Scored.Result(row, method.file(sample)));
      }
      scored.add(new Scored(sample, results));
    }
    new Reports(settings, measures, scored).write(out);
    return rows;
  }

  private Map<String, String> fingerprints() throws IOException {
    Map<String, String> fingerprints = new HashMap<>();
    for (Sample sample : set.samples()) {
      fingerprints.put(sample.id(), Fingerprint.of(sample));
    }
    return fingerprints;
  }

  /** Rows of samples that have only the name in common with today's are of another set. */
  private void checkSamples(Collection<Row> known, Map<String, String> fingerprints)
      throws IOException {
    for (Row row : known) {
      String now = fingerprints.get(row.id());
      if (now != null && !now.equals(row.of())) {
        throw new IOException(
            "%s holds results of another set, whose %s has another picture, mask or other words;"
                    .formatted(out, row.id())
                + " name another folder");
      }
    }
  }

  private boolean isComplete(Row row) {
    return measures.stream().allMatch(measure -> row.measures().containsKey(measure.title()));
  }

  private Row measured(
      Sample sample, String of, BufferedImage source, MethodResults method, Row earlier)
      throws IOException {
    Result result = method.get(sample, source);
    Comparison comparison = sample.compare(source, result.picture());
    Map<String, Double> values = new LinkedHashMap<>();
    for (Measure measure : measures) {
      OptionalDouble value = measure.of(comparison);
      values.put(measure.title(), value.isPresent() ? value.getAsDouble() : null);
    }
    Double seconds = earlier == null ? null : earlier.seconds();
    Double inverting = earlier == null ? null : earlier.invertSeconds();
    if (result.times().isPresent()) {
      seconds = result.times().get().seconds();
      inverting = result.times().get().invertSeconds();
    }
    return new Row(sample.id(), of, sample.kind(), method.method(), seconds, inverting, values);
  }

  /** A row of an earlier run may have more measures, or others first. */
  private Row ofThisRun(Row row) {
    Map<String, Double> values = new LinkedHashMap<>();
    measures.forEach(measure -> values.put(measure.title(), row.measures().get(measure.title())));
    return new Row(
        row.id(), row.of(), row.kind(), row.method(), row.seconds(), row.invertSeconds(), values);
  }

  /** A sample and what the methods made of it. */
  record Scored(Sample sample, ImmutableList<Result> results) {
    record Result(Row row, Path file) {}

    Scored(Sample sample, List<Result> results) {
      this(sample, ImmutableList.copyOf(results));
    }
  }
}
