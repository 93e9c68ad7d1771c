package io.github.pix2pixzero.evaluation.measure;

import io.github.pix2pixzero.evaluation.network.Lpips;
import io.github.pix2pixzero.evaluation.network.Lpips.Normalization;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * LPIPS of the source and the result. Pixels of another part are black in both; of the background
 * this is the background LPIPS of pix2pix-zero's Table 1.
 *
 * @param fingerprint of the network's files, for reports
 */
public record LpipsDistance(
    Lpips network, Part part, Normalization normalization, String fingerprint) implements Measure {

  @Override
  public String title() {
    return "lpips" + part.suffix();
  }

  @Override
  public Better better() {
    return Better.LOWER;
  }

  @Override
  public String settings() {
    return "%s, normalised as %s, %s"
        .formatted(
            network.backbone().kind().title(),
            normalization.name().toLowerCase(Locale.ROOT),
            fingerprint);
  }

  @Override
  public OptionalDouble of(Comparison comparison) {
    return part.of(comparison)
        .map(
            pixels ->
                OptionalDouble.of(
                    network.distance(
                        comparison.source(), comparison.edited(), pixels.keep(), normalization)))
        .orElseGet(OptionalDouble::empty);
  }
}
