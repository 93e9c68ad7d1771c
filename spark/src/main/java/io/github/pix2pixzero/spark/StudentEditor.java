package io.github.pix2pixzero.spark;

import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.distill.DistilledEditor;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * An edit by a student.
 *
 * @param student its file of weights, at a path that all executors see
 */
public record StudentEditor(String student) implements PictureEditor {
  private static final OnceLoaded<String, Loaded> STUDENTS =
      new OnceLoaded<>(
          file ->
              new Loaded(
                  DistilledEditor.load(Path.of(file), Backends.best(LoadedModels.threads())),
                  MoreFiles.asByteSource(Path.of(file)).hash(Hashing.sha256()).toString()));

  private record Loaded(DistilledEditor editor, String digest) {}

  @Override
  public String identity() throws IOException {
    return STUDENTS.get(student).digest();
  }

  @Override
  public BufferedImage edit(BufferedImage picture, Optional<String> caption) throws IOException {
    return STUDENTS.get(student).editor().edit(picture);
  }
}
