package io.github.pix2pixzero.benchmarks.evaluation;

import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.evaluation.Editor;
import io.github.pix2pixzero.evaluation.Evaluation;
import io.github.pix2pixzero.evaluation.MethodResults;
import io.github.pix2pixzero.evaluation.ModelEditor;
import io.github.pix2pixzero.evaluation.Row;
import io.github.pix2pixzero.evaluation.Summary;
import io.github.pix2pixzero.evaluation.measure.ToyMeasure;
import io.github.pix2pixzero.evaluation.set.EvaluationSet;
import io.github.pix2pixzero.evaluation.set.ToyWorld;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** {@code ./benchmark evaluate}: every edit of the toy world, and how near it comes. */
public final class ToyEvaluation {
  private ToyEvaluation() {}

  /**
   * Runs the command.
   *
   * @param directory what relative paths are relative to
   * @param arguments what follows {@code evaluate}
   * @param out told one line an edit, and at the end one for all and one a kind
   * @return one for all and one a kind
   * @throws IllegalArgumentException if the arguments are not understood
   */
  public static List<Summary> run(Path directory, List<String> arguments, Consumer<String> out)
      throws IOException {
    EvaluationOptions options = EvaluationOptions.parse(directory, arguments);
    EvaluationSet set =
        ToyWorld.read(options.set()).without(options.withoutKinds()).first(options.limit());
    Backend backend = Backends.best(options.threads());
    Pix2PixZero model =
        options.model() == null
            ? Pix2PixZero.loadBundled(backend)
            : Pix2PixZero.load(options.model(), backend);
    List<Row> rows =
        new Evaluation(set, Arrays.asList(ToyMeasure.values()), options.out())
            .run(
                List.of(MethodResults.of(editor(options, model), options.out())),
                row ->
                    out.accept(line(row.id(), row.seconds(), row.invertSeconds(), row.measures())));
    List<Summary> summaries = Summary.of(rows);
    summaries.forEach(
        summary ->
            out.accept(
                line(
                    summary.kind() + ", n " + summary.n(),
                    summary.seconds(),
                    summary.invertSeconds(),
                    summary.measures())));
    out.accept("pictures: " + options.out().resolve(Evaluation.REPORT));
    return summaries;
  }

  private static Editor editor(EvaluationOptions options, Pix2PixZero model) throws IOException {
    String settings = "options " + options.editOptions();
    return options.toldTheAnswer()
        ? new AnswerEditor(settings, model, options)
        : new ModelEditor("edit", settings, model, options::of, options.sentences());
  }

  private static String line(
      String name, Double seconds, Double inverting, Map<String, Double> measures) {
    String numbers =
        measures.entrySet().stream()
            .map(measure -> measure.getKey() + " " + number(measure.getValue()))
            .collect(Collectors.joining(" "));
    return String.format(
        Locale.ROOT,
        "%-32s %s, %s s, inversion %s s",
        name,
        numbers,
        number(seconds),
        number(inverting));
  }

  /** The cells of a table after the name: how many, and the means. */
  static String cells(Summary summary) {
    return summary.n()
        + " | "
        + summary.measures().values().stream()
            .map(ToyEvaluation::number)
            .collect(Collectors.joining(" | "));
  }

  private static String number(Double value) {
    return value == null ? "–" : String.format(Locale.ROOT, "%.2f", value);
  }
}
