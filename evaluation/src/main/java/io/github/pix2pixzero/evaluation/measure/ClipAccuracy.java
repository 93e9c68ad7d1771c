package io.github.pix2pixzero.evaluation.measure;

import io.github.pix2pixzero.evaluation.network.ClipEmbeddings;
import java.util.OptionalDouble;

/**
 * Whether a result fits the target's text better than the source's, 1 or 0; its mean is CLIP-Acc of
 * pix2pix-zero's Table 1 (Parmar et al., SIGGRAPH 2023).
 *
 * @param fingerprint of the network's files, for reports
 */
public record ClipAccuracy(ClipEmbeddings clip, String fingerprint) implements Measure {

  @Override
  public String title() {
    return "clip_acc";
  }

  @Override
  public Better better() {
    return Better.HIGHER;
  }

  @Override
  public String settings() {
    return fingerprint;
  }

  @Override
  public OptionalDouble of(Comparison comparison) {
    return comparison
        .texts()
        .map(
            texts -> {
              double target = clip.cosine(comparison.edited(), texts.target());
              double source = clip.cosine(comparison.edited(), texts.source());
              return OptionalDouble.of(target > source ? 1 : 0);
            })
        .orElseGet(OptionalDouble::empty);
  }
}
