package io.github.pix2pixzero;

/** Told how far loading a model or an edit is. */
@FunctionalInterface
public interface ProgressListener {
  /** Does nothing. */
  ProgressListener NONE = (stage, done, steps) -> {};

  /** What takes long. */
  enum Stage {
    /** From files to a model; a step is a tensor. */
    LOAD,
    /** From the picture to noise. */
    INVERT,
    /** From noise to the edited picture. */
    EDIT
  }

  /**
   * @param done steps finished so far, from 1
   * @param steps steps in all
   */
  void progressed(Stage stage, int done, int steps);
}
