package io.github.pix2pixzero.evaluation.measure;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import io.github.pix2pixzero.evaluation.network.PixelValues;
import java.awt.image.BufferedImage;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiFunction;

/**
 * An edited picture beside what it was made of and should be.
 *
 * @param source the picture before
 * @param edited the picture after, of the same size
 * @param region what was to be edited, of the same size, if that is known
 * @param texts what the pictures should show, if that is known
 * @param answers what the right result would be, if that is known
 */
public record Comparison(
    BufferedImage source,
    BufferedImage edited,
    Optional<Region> region,
    Optional<Texts> texts,
    Optional<Answers> answers) {

  /** What the source shows and what the result should show. */
  public record Texts(String source, String target) {
    public Texts {
      requireNonNull(source, "source");
      requireNonNull(target, "target");
    }
  }

  /**
   * @throws IllegalArgumentException if the sizes differ
   */
  public Comparison {
    source = PixelValues.rgb(source);
    edited = PixelValues.rgb(edited);
    int width = source.getWidth();
    int height = source.getHeight();
    checkArgument(
        edited.getWidth() == width && edited.getHeight() == height,
        "pictures of different sizes: %s x %s and %s x %s",
        width,
        height,
        edited.getWidth(),
        edited.getHeight());
    region.ifPresent(
        r ->
            checkArgument(
                r.width() == width && r.height() == height,
                "the mask is %s x %s, the picture %s x %s",
                r.width(),
                r.height(),
                width,
                height));
  }

  /** A measure that takes right answers and a region; empty where one of them is not known. */
  OptionalDouble whereAnswered(BiFunction<Answers, Region, OptionalDouble> measure) {
    return region.isPresent() && answers.isPresent()
        ? measure.apply(answers.get(), region.get())
        : OptionalDouble.empty();
  }

  /** Two pictures of which nothing else is known. */
  public static Comparison of(BufferedImage source, BufferedImage edited) {
    return new Comparison(source, edited, Optional.empty(), Optional.empty(), Optional.empty());
  }

  public Comparison withRegion(Region known) {
    return new Comparison(source, edited, Optional.of(known), texts, answers);
  }

  public Comparison withTexts(String sourceText, String targetText) {
    return new Comparison(
        source, edited, region, Optional.of(new Texts(sourceText, targetText)), answers);
  }

  public Comparison withAnswers(Answers known) {
    return new Comparison(source, edited, region, texts, Optional.of(known));
  }
}
