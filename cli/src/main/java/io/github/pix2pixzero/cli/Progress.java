package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.ProgressListener;

/** Shows how far an edit is. */
interface Progress extends ProgressListener, AutoCloseable {
  /** Ends what is shown, complete or not. */
  @Override
  void close();

  /** What a stage is called. */
  static String title(Stage stage) {
    return switch (stage) {
      case LOAD -> "loading";
      case INVERT -> "inverting";
      case EDIT -> "editing";
      case GENERATE -> "generating";
      case REPLAY -> "looking";
    };
  }
}
