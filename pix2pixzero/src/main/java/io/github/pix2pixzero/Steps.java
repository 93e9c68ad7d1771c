package io.github.pix2pixzero;

import io.github.pix2pixzero.ProgressListener.Stage;
import io.github.pix2pixzero.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.util.concurrent.CancellationException;
import java.util.function.Function;

/**
 * Keeps a listener up to date with the steps of a stage, and ends the stage when the listener or an
 * interruption of the thread asks for it.
 */
final class Steps {
  private final ProgressListener listener;
  private final Stage stage;
  private final int steps;
  private final Function<Tensor, BufferedImage> decoder;

  /** Begins a stage. */
  Steps(
      ProgressListener listener, Stage stage, int steps, Function<Tensor, BufferedImage> decoder) {
    this.listener = listener;
    this.stage = stage;
    this.steps = steps;
    this.decoder = decoder;
    checkNotCancelled(listener);
    listener.progressed(stage, 0, steps);
  }

  /** Reports a step, counted from 0, that led to a latent. */
  void stepped(int step, Tensor latent) {
    int done = step + 1;
    listener.progressed(stage, done, steps);
    int every = listener.previewEvery();
    if (every > 0 && done % every == 0 && stage != Stage.INVERT) {
      listener.previewed(stage, done, steps, decoder.apply(latent));
    }
    if (done < steps) {
      checkNotCancelled(listener);
    }
  }

  /**
   * @throws CancellationException if the work is to end; an interruption stays set
   */
  static void checkNotCancelled(ProgressListener listener) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted");
    }
    if (listener.isCancelled()) {
      throw new CancellationException("cancelled");
    }
  }
}
