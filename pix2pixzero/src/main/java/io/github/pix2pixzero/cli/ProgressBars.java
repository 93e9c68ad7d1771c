package io.github.pix2pixzero.cli;

import java.io.PrintWriter;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress for terminals: a bar a stage. */
final class ProgressBars implements Progress {
  /** Fits the narrowest usual terminal. Asking the terminal would load natives. */
  private static final int WIDTH = 79;

  private final PrintWriter err;
  private ProgressBar bar;

  ProgressBars(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void begin(Stage stage, int steps) {
    close();
    bar =
        new ProgressBarBuilder()
            .setTaskName(String.format("%-9s", Progress.title(stage)))
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(new DelegatingProgressBarConsumer(this::draw, WIDTH))
            .build();
  }

  @Override
  public void progressed(Stage stage, int done, int steps) {
    bar.stepTo(done);
    if (stage == Stage.INVERT && done == steps) {
      begin(Stage.EDIT, steps);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
      err.println();
    }
  }

  private void draw(String text) {
    err.print("\r" + text);
    err.flush();
  }
}
