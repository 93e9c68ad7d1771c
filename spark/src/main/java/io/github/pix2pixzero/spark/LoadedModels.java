package io.github.pix2pixzero.spark;

import io.github.pix2pixzero.Pix2PixZero;
import java.io.IOException;
import org.apache.spark.TaskContext;

/** The models of an executor. */
final class LoadedModels {
  private static final OnceLoaded<EditSetup, Pix2PixZero> MODELS =
      new OnceLoaded<>(setup -> setup.load(threads()));

  private LoadedModels() {}

  static Pix2PixZero of(EditSetup setup) throws IOException {
    return MODELS.get(setup);
  }

  /** As many as the task that asks has cores. */
  static int threads() {
    return TaskContext.get().cpus();
  }
}
