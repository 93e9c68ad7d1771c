package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Pictures of what is becoming of a picture. */
final class PreviewOptions {
  @Option(
      names = "--preview-every",
      order = 60,
      paramLabel = "N",
      description = "Write a preview after every N steps of denoising;")
  private Integer every;

  @Option(
      names = "--preview-dir",
      order = 61,
      paramLabel = "DIR",
      description = "into this folder, as NAME-step-010.png and so on.")
  private Path folder;

  void checkUsage(ModelCommand command) {
    command.require(
        (every == null) == (folder == null), "--preview-every and --preview-dir go together");
    command.require(
        every == null || every >= 1, "--preview-every should be 1 or more, it is " + every);
  }

  /** Makes sure, before the long work, that previews can be written. */
  void prepare() throws IOException {
    if (folder != null) {
      Results.prepareFolder(folder);
    }
  }

  /**
   * A listener that also writes previews.
   *
   * @param name of the picture they are of
   */
  ProgressListener listener(ProgressListener progress, String name) {
    if (every == null) {
      return progress;
    }
    return progress.withPreviews(
        every,
        (at, preview) -> {
          String number = String.format(Locale.ROOT, "%03d", at.done());
          Path file = folder.resolve(name + "-step-" + number + ".png");
          try {
            Results.write(file, () -> PictureFiles.write(preview, file));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
