package io.github.pix2pixzero.evaluation.measure;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.evaluation.network.PixelValues;
import java.awt.image.BufferedImage;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How near a result comes to the right answer, where there is one: the measures of the toy world's
 * reference scores. Distances are peak signal-to-noise ratios in dB over the pixels that count,
 * those of others being left out of the mean, and at most 78 dB.
 */
public enum ToyMeasure implements Measure {
  /** 1 if, inside the mask, no answer for another value is nearer than the right one; else 0. */
  SUCCESS("success") {
    @Override
    OptionalDouble of(Comparison c, Answers answers, Region region) {
      return OptionalDouble.of(
          nearest(c.edited(), answers, region).equals(answers.right()) ? 1 : 0);
    }
  },

  /** Distance to the right answer, whole picture. */
  TRUTH("truth") {
    @Override
    OptionalDouble of(Comparison c, Answers answers, Region region) {
      return OptionalDouble.of(psnr(c.edited(), answers.rightPicture(), null));
    }
  },

  /** The same inside the mask. */
  INSIDE("inside") {
    @Override
    OptionalDouble of(Comparison c, Answers answers, Region region) {
      return OptionalDouble.of(psnr(c.edited(), answers.rightPicture(), region.inside()));
    }
  },

  /** Distance to the source outside the mask; empty where the mask is nearly everything. */
  BACKGROUND("bg") {
    @Override
    OptionalDouble of(Comparison c, Answers answers, Region region) {
      boolean none = region.count() >= NO_BACKGROUND * region.width() * region.height();
      return none
          ? OptionalDouble.empty()
          : OptionalDouble.of(psnr(c.edited(), c.source(), region.outside()));
    }
  };

  private static final double SMALLEST_ERROR = 1e-3;
  private static final double NO_BACKGROUND = 0.9;

  private final String title;

  ToyMeasure(String title) {
    this.title = title;
  }

  abstract OptionalDouble of(Comparison c, Answers answers, Region region);

  @Override
  public OptionalDouble of(Comparison comparison) {
    return comparison.whereAnswered((answers, region) -> of(comparison, answers, region));
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public Better better() {
    return Better.HIGHER;
  }

  @Override
  public String settings() {
    return "";
  }

  /** The value to whose answer a result is nearest inside the mask. */
  private static String nearest(BufferedImage edited, Answers answers, Region region) {
    boolean[] inside = region.inside();
    String nearest = null;
    double least = Double.POSITIVE_INFINITY;
    for (Map.Entry<String, BufferedImage> answer : answers.pictures().entrySet()) {
      double error = squaredError(edited, answer.getValue(), inside);
      if (error < least) {
        least = error;
        nearest = answer.getKey();
      }
    }
    return nearest;
  }

  /**
   * Over the pixels that count, all three colours.
   *
   * @param counts null for all
   */
  static double psnr(BufferedImage a, BufferedImage b, boolean[] counts) {
    int pixels = 0;
    for (int i = 0; i < a.getWidth() * a.getHeight(); i++) {
      pixels += counts == null || counts[i] ? 1 : 0;
    }
    double error = squaredError(a, b, counts) / (3.0 * pixels + 1e-9);
    return 10 * Math.log10(255.0 * 255.0 / Math.max(error, SMALLEST_ERROR));
  }

  private static double squaredError(BufferedImage a, BufferedImage b, boolean[] counts) {
    checkArgument(
        a.getWidth() == b.getWidth() && a.getHeight() == b.getHeight(),
        "pictures of different sizes: %s x %s and %s x %s",
        a.getWidth(),
        a.getHeight(),
        b.getWidth(),
        b.getHeight());
    float[] one = PixelValues.levels(a);
    float[] other = PixelValues.levels(b);
    double sum = 0;
    for (int i = 0; i < one.length; i++) {
      if (counts == null || counts[i / 3]) {
        double difference = one[i] - other[i];
        sum += difference * difference;
      }
    }
    return sum;
  }
}
