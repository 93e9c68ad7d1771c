package io.github.pix2pixzero.evaluation;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.evaluation.Editor.Edited;
import io.github.pix2pixzero.evaluation.set.Sample;
import io.github.pix2pixzero.picture.PictureFiles;
import java.awt.image.BufferedImage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The results of one method: pictures that are there already, or that an {@link Editor} makes. */
public final class MethodResults {
  private static final Pattern NAME = Pattern.compile("[\\w.+-]*\\w[\\w.+-]*");

  /** What the pictures of others may end in, where a set has another ending. */
  private static final List<String> EXTENSIONS = List.of("png", "jpg", "jpeg", "webp");

  private final String method;
  private final String settings;
  private final Path folder;
  private final Editor editor;

  private MethodResults(String method, String settings, Path folder, Editor editor) {
    checkArgument(
        NAME.matcher(method).matches(),
        "a method is called \"%s\", expected letters, digits and . _ + -",
        method);
    this.method = method;
    this.settings = settings;
    this.folder = folder;
    this.editor = editor;
  }

  /**
   * Pictures made elsewhere.
   *
   * @param folder holds them under the set's names, or below {@code annotation_images} as
   *     PIE-Bench's do; they may be PNG, JPEG or WebP whatever the set's are
   * @throws IOException if there is no such folder
   */
  public static MethodResults of(String method, Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("no such folder: " + folder);
    }
    return new MethodResults(method, folder.toAbsolutePath().normalize().toString(), folder, null);
  }

  /** Pictures that an editor makes where they are missing, in a folder of its name. */
  public static MethodResults of(Editor editor, Path out) {
    return new MethodResults(editor.name(), editor.settings(), out.resolve(editor.name()), editor);
  }

  public String method() {
    return method;
  }

  public String settings() {
    return settings;
  }

  /**
   * A result.
   *
   * @param file where it lies
   * @param picture as it lies there
   * @param times how long it took, if it was made just now
   */
  record Result(Path file, BufferedImage picture, Optional<Times> times) {}

  /**
   * @param seconds all of it
   * @param invertSeconds of which for the inversion
   */
  record Times(double seconds, double invertSeconds) {}

  /** Whether a result need not be made. */
  boolean has(Sample sample) {
    return file(sample) != null;
  }

  /**
   * Reads a result, or makes and writes it.
   *
   * @throws IOException naming the sample's file, if it is missing and nobody makes it
   */
  Result get(Sample sample, BufferedImage source) throws IOException {
    Path file = file(sample);
    if (file != null) {
      return new Result(file, PictureFiles.read(file), Optional.empty());
    }
    if (editor == null) {
      throw new FileNotFoundException(
          "%s has no result for %s: no file %s"
              .formatted(folder, sample.id(), sample.resultName()));
    }
    long start = System.nanoTime();
    Edited edited = editor.edit(sample, source);
    double seconds = (System.nanoTime() - start) / 1e9;
    double inverting = edited.inversion().toNanos() / 1e9;
    Path made = lossless(folder.resolve(sample.resultName()));
    Files.createDirectories(made.getParent());
    PictureFiles.write(edited.picture(), made);
    return new Result(made, edited.picture(), Optional.of(new Times(seconds, inverting)));
  }

  /** Where a result lies; null if it is not there yet. */
  Path file(Sample sample) {
    for (Path root : List.of(folder, folder.resolve("annotation_images"))) {
      Path file = root.resolve(sample.resultName());
      if (Files.isRegularFile(file)) {
        return file;
      }
      String stem = MoreFiles.getNameWithoutExtension(file);
      for (String extension : EXTENSIONS) {
        Path other = file.resolveSibling(stem + "." + extension);
        if (Files.isRegularFile(other)) {
          return other;
        }
      }
    }
    return null;
  }

  private static Path lossless(Path file) {
    return file.resolveSibling(MoreFiles.getNameWithoutExtension(file) + ".png");
  }
}
