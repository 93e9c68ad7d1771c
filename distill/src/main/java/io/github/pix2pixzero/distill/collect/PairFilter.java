package io.github.pix2pixzero.distill.collect;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Range;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which pairs are trained on. A score that a pair does not have says nothing against it.
 *
 * @param ranges where scores may lie, by their names
 */
public record PairFilter(ImmutableMap<String, Range<Double>> ranges) {

  /** Takes all pairs. */
  public static final PairFilter ALL = new PairFilter(ImmutableMap.of());

  /**
   * For edits of a part of the picture: something is changed and not nearly everything, visibly,
   * the rest is as it was, and the model takes the result for what it should be.
   */
  public static final PairFilter LOCAL =
      new PairFilter(
          ImmutableMap.of(
              PairScores.MASK, Range.closed(0.01, 0.8),
              PairScores.CHANGE, Range.atLeast(8 / 255.0),
              PairScores.OUTSIDE, Range.atLeast(24.0),
              DiffusionClassifier.NAME, Range.atLeast(0.0)));

  /** The same with another range of one score, which takes the place of what it had. */
  public PairFilter with(String score, Range<Double> range) {
    Map<String, Range<Double>> more = new LinkedHashMap<>(ranges);
    more.put(score, range);
    return new PairFilter(ImmutableMap.copyOf(more));
  }

  /** Why a pair is not trained on; empty if it is. */
  Optional<String> objection(Map<String, Double> scores) {
    return ranges.entrySet().stream()
        .filter(range -> scores.containsKey(range.getKey()))
        .filter(range -> !range.getValue().contains(scores.get(range.getKey())))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
