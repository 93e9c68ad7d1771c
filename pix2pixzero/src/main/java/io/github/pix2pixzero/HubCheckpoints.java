package io.github.pix2pixzero;

import io.github.pix2pixzero.Progress.Stage;
import io.github.pix2pixzero.hub.DownloadListener;
import io.github.pix2pixzero.hub.Hub;
import io.github.pix2pixzero.hub.ModelFiles;
import io.github.pix2pixzero.hub.ModelName;
import io.github.pix2pixzero.stablediffusion.LoadOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Names of the hub in place of paths. */
final class HubCheckpoints {
  private static final int MEBIBYTE = 1 << 20;

  private HubCheckpoints() {}

  /** {@link Hub#locate} of a checkpoint; what there is may be a single file. */
  static Path locate(String model, LoadOptions options, ProgressListener progress)
      throws IOException {
    return Hub.locate(model, ModelFiles.diffusers(options.variant()), listener(progress));
  }

  /** The folder of a model as the hub has it now. */
  static Path pull(ModelName name, LoadOptions options, ProgressListener progress)
      throws IOException {
    return Hub.fromEnvironment()
        .pull(name, ModelFiles.ofEither(options.variant()), listener(progress));
  }

  static DownloadListener listener(ProgressListener progress) {
    return new DownloadListener() {
      private int last = -1;
      private double fraction;

      @Override
      public void progressed(String file, long done, long total) {
        int step = mebibytes(done);
        if (step != last) {
          last = step;
          fraction = Math.max(fraction, (double) done / Math.max(1, total));
          progress.progressed(new Progress(Stage.DOWNLOAD, step, mebibytes(total), fraction, 0, 1));
        }
      }

      @Override
      public boolean isCancelled() {
        return progress.isCancelled();
      }
    };
  }

  /** Begun ones count. */
  private static int mebibytes(long bytes) {
    return Math.toIntExact((bytes + MEBIBYTE - 1) / MEBIBYTE);
  }
}
