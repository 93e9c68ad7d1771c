package io.github.pix2pixzero.evaluation;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.evaluation.Evaluation.Scored;
import io.github.pix2pixzero.evaluation.measure.Measure;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * Which samples are worth looking at first: those whose measures differ most between the methods,
 * or, where there is one method, those that came out worst. Each measure counts in units of its own
 * deviation over all rows.
 */
final class Ranking {
  private final ImmutableList<Measure> measures;
  private final double[] means;
  private final double[] deviations;

  Ranking(List<Measure> measures, List<Scored> samples) {
    this.measures = ImmutableList.copyOf(measures);
    means = new double[measures.size()];
    deviations = new double[measures.size()];
    for (int i = 0; i < means.length; i++) {
      String title = measures.get(i).title();
      double[] values = samples.stream().flatMapToDouble(sample -> values(sample, title)).toArray();
      double mean = Arrays.stream(values).average().orElse(0);
      means[i] = mean;
      deviations[i] =
          Math.sqrt(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(0));
    }
  }

  /** The samples in order; those that are alike stay in the order of the set. */
  static List<Scored> sorted(List<Measure> measures, List<Scored> samples) {
    Ranking ranking = new Ranking(measures, samples);
    return samples.stream()
        .sorted(Comparator.comparingDouble((Scored sample) -> -ranking.interest(sample)))
        .toList();
  }

  private double interest(Scored sample) {
    boolean several = sample.results().size() > 1;
    double sum = 0;
    for (int i = 0; i < means.length; i++) {
      double[] values = values(sample, measures.get(i).title()).toArray();
      if (values.length > 0 && deviations[i] > 0) {
        double raw =
            several
                ? Arrays.stream(values).max().getAsDouble()
                    - Arrays.stream(values).min().getAsDouble()
                : Tables.sign(measures.get(i)) * (means[i] - values[0]);
        sum += raw / deviations[i];
      }
    }
    return sum;
  }

  /** Those that are numbers: the ratio of equal pictures is infinite. */
  private static DoubleStream values(Scored sample, String title) {
    return sample.results().stream()
        .map(result -> result.row().value(title))
        .filter(OptionalDouble::isPresent)
        .mapToDouble(OptionalDouble::getAsDouble)
        .filter(Double::isFinite);
  }
}
