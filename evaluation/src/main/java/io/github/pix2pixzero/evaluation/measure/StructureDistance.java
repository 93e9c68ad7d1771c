package io.github.pix2pixzero.evaluation.measure;

import io.github.pix2pixzero.evaluation.network.SelfSimilarity;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How far the layout of a result is from its source's, whatever the colours: the mean squared
 * difference of DINO's {@link SelfSimilarity}.
 *
 * @param fingerprint of the network's files, for reports
 */
public record StructureDistance(SelfSimilarity similarity, String fingerprint) implements Measure {

  @Override
  public String title() {
    return "structure_distance";
  }

  @Override
  public Better better() {
    return Better.LOWER;
  }

  @Override
  public String settings() {
    return "%s, %s"
        .formatted(similarity.preparation().name().toLowerCase(Locale.ROOT), fingerprint);
  }

  @Override
  public OptionalDouble of(Comparison comparison) {
    return OptionalDouble.of(similarity.distance(comparison.source(), comparison.edited()));
  }
}
