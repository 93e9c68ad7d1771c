package io.github.pix2pixzero;

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
 * InversionFile} keeps it on disk.
 *
 * @param trajectory the latents from the picture as the model sees it to the noise that leads to it
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

  /** The noise that leads to the picture, same shape. */
  public Tensor inverted() {
    return trajectory.noise();
  }

  /** Number of steps taken. */
  public int steps() {
    return trajectory.steps();
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
