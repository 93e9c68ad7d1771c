package io.github.pix2pixzero.evaluation.measure;

import io.github.pix2pixzero.evaluation.network.PixelValues;
import java.awt.image.BufferedImage;
import java.util.OptionalDouble;

/**
 * What signal-to-noise ratios flatter, where the right answer is known; inside the mask. A blurred
 * mixture of source and answer does well by those.
 */
public enum AnswerDetail implements Measure {
  /**
   * How much of the source is left: ρ = ⟨r - a, s - a⟩ / ‖s - a‖² of result r, answer a and source
   * s; 0 of the answer itself, 1 of a copy.
   */
  RESIDUE("residue", Better.LOWER) {
    @Override
    OptionalDouble of(Comparison c, BufferedImage right, boolean[] inside) {
      float[] source = PixelValues.levels(c.source());
      float[] result = PixelValues.levels(c.edited());
      float[] answer = PixelValues.levels(right);
      double along = 0;
      double length = 0;
      for (int i = 0; i < source.length; i++) {
        if (inside[i / 3]) {
          double wanted = source[i] - answer[i];
          along += (result[i] - answer[i]) * wanted;
          length += wanted * wanted;
        }
      }
      return length == 0 ? OptionalDouble.empty() : OptionalDouble.of(along / length);
    }
  },

  /** The sum of slopes between neighbouring pixels, as a share of the answer's. */
  SHARPNESS("sharp", Better.NEITHER) {
    @Override
    OptionalDouble of(Comparison c, BufferedImage right, boolean[] inside) {
      double answer = slopes(right, inside);
      return answer == 0
          ? OptionalDouble.empty()
          : OptionalDouble.of(slopes(c.edited(), inside) / answer);
    }
  };

  private final String title;
  private final Better better;

  AnswerDetail(String title, Better better) {
    this.title = title;
    this.better = better;
  }

  abstract OptionalDouble of(Comparison comparison, BufferedImage right, boolean[] inside);

  @Override
  public OptionalDouble of(Comparison comparison) {
    return comparison.whereAnswered(
        (answers, region) -> of(comparison, answers.rightPicture(), region.inside()));
  }

  @Override
  public String title() {
    return title;
  }

  @Override
  public Better better() {
    return better;
  }

  @Override
  public String settings() {
    return "";
  }

  /** Of pixels inside that have neighbours to the right and below. */
  private static double slopes(BufferedImage picture, boolean[] inside) {
    int width = picture.getWidth();
    float[] levels = PixelValues.levels(picture);
    double sum = 0;
    for (int i = 0; i + 3 * width < levels.length; i++) {
      int pixel = i / 3;
      if (inside[pixel] && pixel % width + 1 < width) {
        sum += Math.hypot(levels[i + 3] - levels[i], levels[i + 3 * width] - levels[i]);
      }
    }
    return sum;
  }
}
