package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.inversion.NoiseStatistics;
import io.github.pix2pixzero.inversion.NullText;
import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.stablediffusion.ModelIdentity;
import io.github.pix2pixzero.tensor.Tensor;
import java.time.Duration;
import java.util.Optional;

/**
 * A picture's way back to noise, from which any number of edits start, also at once. {@link
 * InversionFile} keeps it on disk. Edits that do not need the way start from the picture alone, see
 * {@link Pix2PixZero#prepare}.
 *
 * @param trajectory the latents from the picture as the model sees it to the noise that leads to
 *     it, or only the first of them
 * @param caption what the picture was said to show
 * @param time how long it took
 * @param picture the picture; empty if it was generated, so that the noise was there before it
 * @param nullText embeddings with which guidance leads back to the picture, if they were found
 * @param model what it was made with; empty if a file of an older version does not say
 */
public record Inversion(
    Trajectory trajectory,
    String caption,
    Duration time,
    Optional<FittedPicture> picture,
    Optional<NullText> nullText,
    Optional<ModelIdentity> model) {

  /** The same with embeddings that null-text inversion has found for it, in so much more time. */
  Inversion with(NullText found, Duration more) {
    return new Inversion(trajectory, caption, time.plus(more), picture, Optional.of(found), model);
  }

  /** The picture as the model sees it, [1, channels, height, width]. */
  public Tensor encoded() {
    return trajectory.after(0);
  }

  /** The noise that leads to the picture, same shape; the picture if it has not been inverted. */
  public Tensor inverted() {
    return trajectory.noise();
  }

  /** Number of steps taken; 0 if the picture has not been inverted. */
  public int steps() {
    return trajectory.steps();
  }

  /** Whether the way to noise is known. */
  public boolean isInverted() {
    return steps() > 0;
  }

  /**
   * @throws IllegalArgumentException if the way to noise is not known
   */
  void requireInverted(String purpose) {
    checkArgument(isInverted(), "the picture has not been inverted, as %s needs it", purpose);
  }

  /** How Gaussian the noise is: what is left of the picture in it makes an edit worse. */
  public NoiseStatistics noiseStatistics() {
    return NoiseStatistics.of(inverted());
  }

  /** Whether the noise was drawn and the picture generated from it. */
  public boolean isGenerated() {
    return picture.isEmpty();
  }
}
