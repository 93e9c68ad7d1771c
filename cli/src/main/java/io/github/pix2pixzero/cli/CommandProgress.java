package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.Progress.Stage;
import io.github.pix2pixzero.ProgressListener;

/** Shows how far a command is. */
interface CommandProgress extends ProgressListener, AutoCloseable {
  /** Ends what is shown, complete or not. */
  @Override
  void close();

  /** What a stage is called. */
  static String title(Stage stage) {
    return switch (stage) {
      case DOWNLOAD -> "downloading";
      case LOAD -> "loading";
      case DIRECTION -> "sentences";
      case ENCODE -> "encoding";
      case INVERT -> "inverting";
      case MASK -> "masking";
      case NULL_TEXT -> "fitting";
      case EDIT -> "editing";
      case GENERATE -> "generating";
      case REPLAY -> "looking";
      case DECODE -> "decoding";
    };
  }

  /** How many steps, and of what. */
  static String amount(Stage stage, int steps) {
    return switch (stage) {
      case DOWNLOAD -> steps + " MiB";
      case LOAD -> steps + (steps == 1 ? " tensor" : " tensors");
      default -> Texts.steps(steps);
    };
  }
}
