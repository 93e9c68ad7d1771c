package io.github.pix2pixzero.distill.collect;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.distill.Pair;

/** What pixels say of an edit. */
public final class PairScores implements PairScore {
  /** The share of the picture that the edit may change. */
  public static final String MASK = "mask";

  /** How much it changes there: the mean difference of red, green and blue, each 0 to 1. */
  public static final String CHANGE = "change";

  /** Peak signal-to-noise ratio elsewhere, in dB, at most {@value #BEST}. */
  public static final String OUTSIDE = "psnr_outside";

  private static final double BEST = 78;
  private static final float HALF = 0.5f;

  @Override
  public ImmutableMap<String, Double> of(Judged judged) {
    Pair pair = Pair.of("", judged.source(), judged.edited(), judged.mask());
    int pixels = pair.mask().length;
    int inside = 0;
    double change = 0;
    double error = 0;
    for (int i = 0; i < pixels; i++) {
      boolean within = pair.mask()[i] >= HALF;
      inside += within ? 1 : 0;
      for (int c = 0; c < 3; c++) {
        double difference = (pair.target()[3 * i + c] - pair.source()[3 * i + c]) / 2.0;
        change += within ? Math.abs(difference) : 0;
        error += within ? 0 : difference * difference;
      }
    }
    ImmutableMap.Builder<String, Double> scores = ImmutableMap.builder();
    scores.put(MASK, inside / (double) pixels);
    scores.put(CHANGE, inside == 0 ? 0 : change / (3.0 * inside));
    if (inside < pixels) {
      double decibels = -10 * Math.log10(error / (3.0 * (pixels - inside)));
      scores.put(OUTSIDE, Math.min(BEST, decibels));
    }
    return scores.buildOrThrow();
  }
}
