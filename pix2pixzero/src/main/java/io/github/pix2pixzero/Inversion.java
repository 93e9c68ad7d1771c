package io.github.pix2pixzero;

import io.github.pix2pixzero.picture.FittedPicture;
import io.github.pix2pixzero.tensor.Tensor;
import java.time.Duration;
import java.util.Optional;

/**
 * A picture's way back to noise, from which any number of edits start, also at once. {@link
 * InversionFile} keeps it on disk.
 *
 * @param encoded the picture as the model sees it, [1, channels, height, width]
 * @param inverted the noise that leads to it, same shape
 * @param caption what the picture was said to show
 * @param steps number of steps taken
 * @param time how long it took
 * @param picture the picture; empty if it was generated, so that the noise was there before it
 */
public record Inversion(
    Tensor encoded,
    Tensor inverted,
    String caption,
    int steps,
    Duration time,
    Optional<FittedPicture> picture) {

  /** Whether the noise was drawn and the picture generated from it. */
  public boolean isGenerated() {
    return picture.isEmpty();
  }
}
