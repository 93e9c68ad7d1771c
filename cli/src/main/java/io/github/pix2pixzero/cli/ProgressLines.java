package io.github.pix2pixzero.cli;

import java.io.PrintWriter;

/** Progress for files and pipes: a line a stage. */
record ProgressLines(PrintWriter err) implements Progress {
  @Override
  public void progressed(Stage stage, int done, int steps) {
    if (done == 0) {
      err.println(Progress.title(stage) + ", " + Progress.amount(stage, steps));
    }
  }

  @Override
  public void close() {}
}
