package io.github.pix2pixzero.cli;

import com.google.common.base.Strings;
import io.github.pix2pixzero.Progress;
import io.github.pix2pixzero.Progress.Stage;
import java.io.PrintWriter;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Progress for terminals: a bar a stage. */
final class ProgressBars implements CommandProgress {
  /** Fits the narrowest usual terminal. Asking the terminal would load natives. */
  private static final int WIDTH = 79;

  private final PrintWriter err;
  private Stage stage;
  private ProgressBar bar;

  ProgressBars(PrintWriter err) {
    this.err = err;
  }

  @Override
  public void progressed(Progress progress) {
    if (bar == null || progress.stage() != stage || progress.done() == 0) {
      close();
      stage = progress.stage();
      bar =
          new ProgressBarBuilder()
              .setTaskName(Strings.padEnd(CommandProgress.title(stage), 11, ' '))
              .setInitialMax(progress.steps())
              .setStyle(ProgressBarStyle.ASCII)
              .setConsumer(new DelegatingProgressBarConsumer(this::draw, WIDTH))
              .build();
    }
    bar.stepTo(progress.done());
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
