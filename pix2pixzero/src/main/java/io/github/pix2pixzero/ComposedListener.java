package io.github.pix2pixzero;

import java.awt.image.BufferedImage;
import java.util.function.BooleanSupplier;

/** A listener that adds to another. */
record ComposedListener(
    ProgressListener listener, int previewEvery, Previews previews, BooleanSupplier cancelled)
    implements ProgressListener {

  @Override
  public void progressed(Progress progress) {
    listener.progressed(progress);
  }

  @Override
  public int decodeEvery() {
    return listener.decodeEvery();
  }

  @Override
  public void previewed(Progress progress, BufferedImage preview) {
    previews.previewed(progress, preview);
  }

  @Override
  public void edited(int item, Edit edit) {
    listener.edited(item, edit);
  }

  @Override
  public boolean isCancelled() {
    return cancelled.getAsBoolean();
  }
}
