package io.github.pix2pixzero;

import io.github.pix2pixzero.inversion.Trajectory;
import io.github.pix2pixzero.tensor.Tensor;
import java.time.Duration;

/**
 * A picture's way back to noise, from which any number of edits start.
 *
 * @param trajectory the latents from the picture as the model sees it to the noise that leads to it
 * @param caption what the picture was said to show
 * @param time how long it took
 */
public record Inversion(Trajectory trajectory, String caption, Duration time) {

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
}
