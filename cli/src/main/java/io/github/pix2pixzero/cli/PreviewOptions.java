package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
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

  /**
   * Names what is written.
   *
   * @param name of the picture that previews are of
   */
  FilesInUse files(FilesInUse files, String name) {
    return files.writesInto(
        "--preview-dir", folder, Pattern.compile(Pattern.quote(name) + "-step-\\d+\\.png"));
  }

  /**
   * Makes sure, before the long work, that previews can be written.
   *
   * @param name of the picture they are of
   */
  void prepare(String name) throws IOException {
    if (folder != null) {
      Results.prepareFolder(folder);
      Results.check(file(name, 0));
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
          Path file = file(name, at.done());
          try {
            Results.write(file, () -> PictureFiles.write(preview, file));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private Path file(String name, int done) {
    return folder.resolve(name + String.format(Locale.ROOT, "-step-%03d.png", done));
  }
}
