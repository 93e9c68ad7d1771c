package io.github.pix2pixzero;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;

/** Told how far a download, loading, an edit or a generation is; may look at it, and may end it. */
@FunctionalInterface
public interface ProgressListener {
  /** Does nothing. */
  ProgressListener NONE = (stage, done, steps) -> {};

  /** What takes long. */
  enum Stage {
    /** From the hub to its cache; a step is a mebibyte. */
    DOWNLOAD,
    /** From files to a model; a step is a tensor. */
    LOAD,
    /** From the picture to noise. */
    INVERT,
    /** From noise to the edited picture. */
    EDIT,
    /** From noise to a new picture. */
    GENERATE,
    /** From inverted noise to the picture again, to see its attention. */
    REPLAY
  }

  /**
   * @param done steps finished so far; 0 when the stage begins
   * @param steps steps in all
   */
  void progressed(Stage stage, int done, int steps);

  /** After how many steps each there is to be a preview; 0 for none. Each costs one decoding. */
  default int previewEvery() {
    return 0;
  }

  /**
   * Shown a preview of an edit or a generation: its latent as it stands, decoded. At first it is
   * noise.
   */
  default void previewed(Stage stage, int done, int steps, BufferedImage preview) {}

  /** Asked before every step; once it is true, the work ends with a CancellationException. */
  default boolean isCancelled() {
    return false;
  }

  /** Is shown previews. */
  @FunctionalInterface
  interface Previews {
    /** As {@link ProgressListener#previewed}. */
    void previewed(Stage stage, int done, int steps, BufferedImage preview);
  }

  /**
   * This listener, and a preview every so many steps.
   *
   * @param every 1 or more
   */
  default ProgressListener withPreviews(int every, Previews previews) {
    checkArgument(every >= 1, "a preview can be had every 1 or more steps, not every %s", every);
    return new ComposedListener(this, every, previews, this::isCancelled);
  }

  /** This listener, and an end when a token is cancelled. */
  default ProgressListener cancelledBy(CancellationToken token) {
    return new ComposedListener(
        this, previewEvery(), this::previewed, () -> isCancelled() || token.isCancelled());
  }
}
