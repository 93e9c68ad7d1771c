package io.github.pix2pixzero.benchmarks.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.util.Map;

/**
 * How near an edit comes to the right answer, by the measures of {@code eval_reference.py}, which
 * scored diffusers. All distances are peak signal-to-noise ratios in dB.
 *
 * @param success whether the result is nearer, inside the mask, to the right answer than to the
 *     answer for any other value
 * @param nearest the value to whose answer it is nearest
 * @param truth distance to the right answer, whole picture
 * @param inside the same inside the mask
 * @param bg distance to the source outside the mask; null where the mask is nearly everything
 */
record Measures(boolean success, String nearest, double truth, double inside, Double bg) {
  private static final double SMALLEST_ERROR = 1e-3;
  private static final double NO_BACKGROUND = 0.9;

  /**
   * @param mask where source and right answer differ: red is not 0
   * @param answers the right answer for every value, {@code to} among them
   */
  static Measures of(
      BufferedImage result,
      BufferedImage source,
      BufferedImage mask,
      String to,
      Map<String, BufferedImage> answers) {
    checkArgument(answers.containsKey(to), "there is no answer for %s", to);
    boolean[] inside = new boolean[mask.getWidth() * mask.getHeight()];
    boolean[] outside = new boolean[inside.length];
    boolean[] everywhere = new boolean[inside.length];
    int count = 0;
    for (int i = 0; i < inside.length; i++) {
      int rgb = mask.getRGB(i % mask.getWidth(), i / mask.getWidth());
      inside[i] = (rgb & 0xff0000) != 0;
      outside[i] = !inside[i];
      everywhere[i] = true;
      count += inside[i] ? 1 : 0;
    }
    String nearest = null;
    double least = Double.POSITIVE_INFINITY;
    for (Map.Entry<String, BufferedImage> answer : answers.entrySet()) {
      double error = squaredError(result, answer.getValue(), inside);
      if (error < least) {
        least = error;
        nearest = answer.getKey();
      }
    }
    BufferedImage answer = answers.get(to);
    return new Measures(
        to.equals(nearest),
        nearest,
        psnr(result, answer, everywhere),
        psnr(result, answer, inside),
        count < NO_BACKGROUND * inside.length ? psnr(result, source, outside) : null);
  }

  /** Over the pixels that count, all three colours. */
  static double psnr(BufferedImage a, BufferedImage b, boolean[] counts) {
    int pixels = 0;
    for (boolean counted : counts) {
      pixels += counted ? 1 : 0;
    }
    double error = squaredError(a, b, counts) / (3.0 * pixels + 1e-9);
    return 10 * Math.log10(255.0 * 255.0 / Math.max(error, SMALLEST_ERROR));
  }

  private static double squaredError(BufferedImage a, BufferedImage b, boolean[] counts) {
    int width = a.getWidth();
    int height = a.getHeight();
    checkArgument(
        width == b.getWidth() && height == b.getHeight() && counts.length == width * height,
        "pictures of different sizes: %s x %s and %s x %s",
        width,
        height,
        b.getWidth(),
        b.getHeight());
    long sum = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i]) {
        int one = a.getRGB(i % width, i / width);
        int other = b.getRGB(i % width, i / width);
        for (int shift = 0; shift <= 16; shift += 8) {
          int difference = (one >> shift & 0xff) - (other >> shift & 0xff);
          sum += (long) difference * difference;
        }
      }
    }
    return sum;
  }
}
