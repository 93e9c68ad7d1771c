package io.github.pix2pixzero.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where measurements go. */
final class ReportOptions {
  @Option(
      names = "--out",
      order = 1,
      required = true,
      paramLabel = "DIR",
      description =
          "Folder for the pictures, results.json, tables.md and report.html; a run that was cut"
              + " off goes on.")
  private Path folder;

  Path folder() {
    return folder;
  }
}
