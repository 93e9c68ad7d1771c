package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.picture.PictureFiles;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where edited pictures go: into a file, or into a folder. */
final class OutputOptions {
  @Option(
      names = {"-o", "--output"},
      order = 1,
      paramLabel = "OUTPUT",
      description = "Picture to write, a .png, .jpg, .bmp or .tiff.")
  private Path file;

  @Option(
      names = "--output-dir",
      order = 2,
      paramLabel = "DIR",
      description = "Instead: folder to write into, a .png for each result.")
  private Path folder;

  /** Null if there is a folder. */
  Path file() {
    return file;
  }

  /** Null if there is a file. */
  Path folder() {
    return folder;
  }

  /** Of so many pictures. */
  void checkUsage(ComputingCommand command, int pictures) {
    command.require(file != null || folder != null, "Missing required option: '--output=OUTPUT'");
    command.require(file == null || folder == null, "--output does not go with --output-dir");
    command.require(
        pictures <= 1 || folder != null, "several pictures need --output-dir instead of --output");
    command.require(
        file == null || PictureFiles.isWritableName(file),
        "OUTPUT should be a .png, .jpg, .bmp or .tiff, it is " + file);
  }
}
