package io.github.pix2pixzero.evaluation.set;

import com.google.common.collect.ImmutableSet;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.evaluation.measure.Comparison.Texts;
import io.github.pix2pixzero.evaluation.set.EvaluationSet.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Pictures in a folder and below it, which have results of the same names. */
public final class PictureFolder {
  private static final ImmutableSet<String> EXTENSIONS =
      ImmutableSet.of("png", "jpg", "jpeg", "webp", "tif", "tiff", "bmp", "gif");

  private PictureFolder() {}

  private record PictureSample(String id, Path file, String resultName) implements Sample {
    @Override
    public String kind() {
      return "";
    }

    @Override
    public Optional<Texts> texts() {
      return Optional.empty();
    }
  }

  /**
   * Lists the pictures, sorted by name.
   *
   * @throws IOException if there is no such folder
   */
  public static EvaluationSet read(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException("no such folder: " + folder);
    }
    try (Stream<Path> files = Files.walk(folder)) {
      List<PictureSample> samples =
          files
              .filter(file -> isPicture(file) && Files.isRegularFile(file))
              .map(file -> sample(folder, file))
              .sorted((a, b) -> a.resultName.compareTo(b.resultName))
              .toList();
      return new EvaluationSet(Layout.PICTURES, folder, samples);
    }
  }

  /** Whether a file's name ends as that of a picture. */
  static boolean isPicture(Path file) {
    return EXTENSIONS.contains(MoreFiles.getFileExtension(file).toLowerCase(Locale.ROOT));
  }

  private static PictureSample sample(Path folder, Path file) {
    String name = folder.relativize(file).toString().replace('\\', '/');
    return new PictureSample(name, file, name);
  }
}
