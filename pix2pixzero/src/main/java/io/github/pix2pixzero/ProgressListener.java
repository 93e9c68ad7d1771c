package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkNotNull;

import io.github.pix2pixzero.hub.DownloadListener;
import java.awt.image.BufferedImage;

/** Told how far a download, loading, an edit or a generation is; may look at it, and may end it. */
@FunctionalInterface
public interface ProgressListener {
  /** Does nothing. */
  ProgressListener NONE = progress -> {};

  /** Told when a stage begins, and after each of its steps. */
  void progressed(Progress progress);

  /** After how many steps each there is to be a preview; 0 for none. */
  default int previewEvery() {
    return 0;
  }

  /**
   * Of previews, how many steps it is from one that is decoded to the next, at least. Those between
   * are estimated from the last decoded one and what the latent has changed since, which costs next
   * to nothing; a decoding costs up to half a step. By default 1: all are decoded.
   */
  default int decodeEvery() {
    return 1;
  }

  /**
   * Shown a preview of an edit or a generation: its latent as it stands, decoded, or {@linkplain
   * #decodeEvery estimated}. At first it is noise.
   */
  default void previewed(Progress progress, BufferedImage preview) {}

  /**
   * Given each edit of several as soon as it is done, so that none is lost when a later one fails
   * or is cancelled.
   *
   * @param item which of the pictures or directions it is of, from 0
   */
  default void edited(int item, Edit edit) {}

  /**
   * Asked before every pass through a network; once it is true, the work ends with a
   * CancellationException.
   */
  default boolean isCancelled() {
    return false;
  }

  /** Is shown previews. */
  @FunctionalInterface
  interface Previews {
    /** As {@link ProgressListener#previewed}. */
    void previewed(Progress progress, BufferedImage preview);
  }

  /**
   * This listener, and a preview every so many steps.
   *
   * @param every 1 or more
   */
  default ProgressListener withPreviews(int every, Previews previews) {
    checkArgument(every >= 1, "a preview can be had every 1 or more steps, not every %s", every);
    checkNotNull(previews, "previews");
    return new ComposedListener(this, every, previews, this::isCancelled);
  }

  /** Tells this listener of a download of the hub's, for what is downloaded beside a checkpoint. */
  default DownloadListener downloads() {
    return HubCheckpoints.listener(this);
  }

  /** This listener, and an end when a token is cancelled. */
  default ProgressListener cancelledBy(CancellationToken token) {
    checkNotNull(token, "token");
    return new ComposedListener(
        this, previewEvery(), this::previewed, () -> isCancelled() || token.isCancelled());
  }
}
