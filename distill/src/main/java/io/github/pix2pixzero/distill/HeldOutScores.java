package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;

/**
 * How a student does on pairs that it has not seen, as means over the pairs.
 *
 * @param pairs how many
 * @param inside peak signal-to-noise ratio to the target where the edit is, in dB
 * @param outside the same to the source elsewhere
 * @param residue how much of the source is left where the edit is: 0 none, 1 it is a copy. The
 *     share of source - target in result - target, by least squares
 * @param sharpness mean slope between neighbouring pixels where the edit is, beside the target's:
 *     below 1 it is blurred
 */
public record HeldOutScores(
    int pairs, double inside, double outside, double residue, double sharpness) {
  private static final double BEST = 78;
  private static final float HALF = 0.5f;

  /**
   * Looks at pairs one by one.
   *
   * @param most the first so many
   * @return null if there are none with an edit in them
   */
  static HeldOutScores of(Student student, Backend backend, PairSource pairs, int most)
      throws IOException {
    Sums sums = new Sums();
    for (int i = 0; i < Math.min(most, pairs.size()); i++) {
      Pair pair = pairs.pair(i);
      sums.add(pair, answer(student, backend, pair));
    }
    return sums.means();
  }

  /** The student's picture of a pair's source, [height, width, 3], clipped to [-1, 1]. */
  static float[] answer(Student student, Backend backend, Pair pair) {
    try (Scope scope = Scope.open()) {
      Tensor source =
          Tensor.of(backend, pair.source(), 1, pair.height(), pair.width(), Pair.COLOURS);
      float[] answer = student.apply(source).toFloats();
      for (int i = 0; i < answer.length; i++) {
        answer[i] = Math.max(-1, Math.min(1, answer[i]));
      }
      return answer;
    }
  }

  /** What the means are made of. */
  private static final class Sums {
    private int pairs;
    private double inside;
    private double outside;
    private double residue;
    private double sharpness;

    void add(Pair pair, float[] answer) {
      double errorInside = 0;
      double errorOutside = 0;
      double along = 0;
      double length = 0;
      int pixelsInside = 0;
      int pixels = pair.mask().length;
      for (int i = 0; i < pixels; i++) {
        boolean within = pair.mask()[i] >= HALF;
        pixelsInside += within ? 1 : 0;
        for (int c = Pair.COLOURS * i; c < Pair.COLOURS * (i + 1); c++) {
          double missed = (answer[c] - pair.target()[c]) / 2.0;
          double changed = (answer[c] - pair.source()[c]) / 2.0;
          double wanted = (pair.source()[c] - pair.target()[c]) / 2.0;
          if (within) {
            errorInside += missed * missed;
            along += missed * wanted;
            length += wanted * wanted;
          } else {
            errorOutside += changed * changed;
          }
        }
      }
      if (pixelsInside == 0 || length == 0) {
        return; // a pair without an edit says nothing
      }
      pairs++;
      inside += decibels(errorInside, pixelsInside);
      outside += pixelsInside == pixels ? BEST : decibels(errorOutside, pixels - pixelsInside);
      residue += along / length;
      sharpness += slope(pair, answer) / Math.max(1e-9, slope(pair, pair.target()));
    }

    private static double decibels(double error, int pixels) {
      return Math.min(BEST, -10 * Math.log10(error / (Pair.COLOURS * pixels)));
    }

    /** The sum of differences to the right and below, inside the mask. */
    private static double slope(Pair pair, float[] picture) {
      double sum = 0;
      for (int y = 0; y + 1 < pair.height(); y++) {
        for (int x = 0; x + 1 < pair.width(); x++) {
          int at = y * pair.width() + x;
          for (int c = 0; c < Pair.COLOURS && pair.mask()[at] >= HALF; c++) {
            float here = picture[Pair.COLOURS * at + c];
            float right = picture[Pair.COLOURS * (at + 1) + c];
            float below = picture[Pair.COLOURS * (at + pair.width()) + c];
            sum += Math.hypot(right - here, below - here);
          }
        }
      }
      return sum;
    }

    HeldOutScores means() {
      return pairs == 0
          ? null
          : new HeldOutScores(
              pairs, inside / pairs, outside / pairs, residue / pairs, sharpness / pairs);
    }
  }
}
