package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.distill.DistilledEditor;
import io.github.pix2pixzero.picture.PictureFit;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which student edits. */
final class StudentOptions {
  @Option(
      names = "--student",
      order = 3,
      required = true,
      paramLabel = "PATH|NAME",
      description =
          "A student: a folder that 'distill train' has made, or the .safetensors file in it; or the"
              + " name of a bundled one, such as cat-dog.")
  private String student;

  /** Its name for files and tables. */
  String name() {
    Path path = path();
    return path == null ? student : String.valueOf(path.toAbsolutePath().normalize().getFileName());
  }

  /** Where it lies; null if it is a bundled one. */
  Path path() {
    Path path = Path.of(student);
    return Files.notExists(path) && DistilledEditor.isBundled(student) ? null : path;
  }

  DistilledEditor load(Backend backend, PictureFit.Policy fit) throws IOException {
    Path path = path();
    return path == null
        ? DistilledEditor.bundled(student, backend, fit)
        : DistilledEditor.load(path, backend, fit);
  }
}
