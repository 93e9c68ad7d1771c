package io.github.pix2pixzero.cli;

import java.io.PrintWriter;

/** Progress for files and pipes: a line a stage. */
record ProgressLines(PrintWriter err) implements Progress {
  @Override
  public void progressed(Stage stage, int done, int steps) {
    if (done == 0) {
      String unit = stage == Stage.LOAD ? " tensor" : " step";
      err.println(Progress.title(stage) + ", " + steps + unit + (steps == 1 ? "" : "s"));
    }
  }

  @Override
  public void close() {}
}
