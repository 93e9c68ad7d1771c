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
      int steps = progress.steps();
      String unit = progress.stage() == Stage.LOAD ? " tensor" : " step";
      err.println(
          CommandProgress.title(progress.stage())
              + (STEPLESS.contains(progress.stage())
                  ? ""
                  : ", " + steps + unit + (steps == 1 ? "" : "s")));
    }
  }

  @Override
  public void close() {}
}
