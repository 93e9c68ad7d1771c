package io.github.pix2pixzero.spark;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.spark.PictureResult.Outcome;
import java.util.List;

/**
 * What became of all pictures of a job.
 *
 * @param results in the order of their URIs
 */
public record JobReport(ImmutableList<PictureResult> results) {
  /** A job of which more than one picture in so many failed has failed. */
  private static final int ONE_IN = 20;

  static JobReport of(List<PictureResult> results) {
    return new JobReport(ImmutableList.copyOf(results));
  }

  /** The pictures that went so. */
  public ImmutableList<PictureResult> with(Outcome outcome) {
    return results.stream()
        .filter(result -> result.outcome() == outcome)
        .collect(ImmutableList.toImmutableList());
  }

  /** Whether more than a few pictures failed. */
  public boolean hasFailed() {
    return with(Outcome.FAILED).size() * ONE_IN > results.size();
  }

  @Override
  public String toString() {
    return "%s made, %s known, %s failed"
        .formatted(
            with(Outcome.MADE).size(), with(Outcome.KNOWN).size(), with(Outcome.FAILED).size());
  }
}
