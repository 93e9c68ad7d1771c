package io.github.pix2pixzero.cli;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.github.pix2pixzero.Progress;
import io.github.pix2pixzero.Progress.Stage;
import java.io.PrintWriter;

/** Progress for files and pipes: a line a stage. */
record ProgressLines(PrintWriter err) implements CommandProgress {
  private static final ImmutableSet<Stage> STEPLESS =
      Sets.immutableEnumSet(Stage.DIRECTION, Stage.ENCODE, Stage.DECODE);

  @Override
  public void progressed(Progress progress) {
    if (progress.done() == 0) {
      err.println(
          CommandProgress.title(progress.stage())
              + (STEPLESS.contains(progress.stage())
                  ? ""
                  : ", " + CommandProgress.amount(progress.stage(), progress.steps())));
    }
  }

  @Override
  public void close() {}
}
