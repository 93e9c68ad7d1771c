package io.github.pix2pixzero;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends work that another thread does: {@link ProgressListener#cancelledBy} ties it to an edit,
 * which then ends before its next step, gives its memory back and throws a {@link
 * java.util.concurrent.CancellationException}. Interrupting the thread does the same.
 */
public final class CancellationToken {
  private final AtomicBoolean cancelled = new AtomicBoolean();

  public void cancel() {
    cancelled.set(true);
  }

  public boolean isCancelled() {
    return cancelled.get();
  }
}
