package io.github.pix2pixzero;

import java.awt.image.BufferedImage;
import java.util.function.BooleanSupplier;

/** A listener that adds to another. */
record ComposedListener(
    ProgressListener progress, int previewEvery, Previews previews, BooleanSupplier cancelled)
    implements ProgressListener {

  @Override
  public void progressed(Stage stage, int done, int steps) {
    progress.progressed(stage, done, steps);
  }

  @Override
  public void previewed(Stage stage, int done, int steps, BufferedImage preview) {
    previews.previewed(stage, done, steps, preview);
  }

  @Override
  public boolean isCancelled() {
    return cancelled.getAsBoolean();
  }
}
