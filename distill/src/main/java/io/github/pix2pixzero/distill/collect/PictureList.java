package io.github.pix2pixzero.distill.collect;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.picture.PictureFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Pictures of files. What one shows may stand in a text file beside it, {@code cat.txt} for {@code
 * cat.png}, as trainers of diffusion models have it.
 */
public final class PictureList {
  private static final ImmutableSet<String> EXTENSIONS =
      ImmutableSet.of("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif");

  private PictureList() {}

  /**
   * The pictures of files and folders: folders with all that are in them, in the order of names.
   *
   * @throws IOException if one is not there, or a folder has no picture
   */
  public static ImmutableList<SourcePicture> of(List<Path> inputs) throws IOException {
    ImmutableList.Builder<SourcePicture> pictures = ImmutableList.builder();
    for (Path input : inputs) {
      if (!Files.isDirectory(input)) {
        if (!Files.exists(input)) {
          throw new FileNotFoundException("no such file or folder: " + input);
        }
        pictures.add(new PictureFile(input));
        continue;
      }
      try (Stream<Path> files = Files.walk(input)) {
        List<Path> found =
            files
                .filter(file -> isPicture(file.getFileName().toString()))
                .filter(Files::isRegularFile)
                .sorted()
                .toList();
        if (found.isEmpty()) {
          throw new IOException("the folder " + input + " holds no picture");
        }
        found.forEach(file -> pictures.add(new PictureFile(file)));
      }
    }
    return pictures.build();
  }

  /** Whether a file is taken for a picture, by its name. */
  public static boolean isPicture(String name) {
    return EXTENSIONS.contains(
        com.google.common.io.Files.getFileExtension(name).toLowerCase(Locale.ROOT));
  }

  private record PictureFile(Path file) implements SourcePicture {
    @Override
    public String name() {
      return file.toString();
    }

    @Override
    public byte[] identity() throws IOException {
      return Files.readAllBytes(file);
    }

    @Override
    public Optional<String> caption() throws IOException {
      Path text = file.resolveSibling(MoreFiles.getNameWithoutExtension(file) + ".txt");
      try {
        return Optional.of(Files.readString(text).strip()).filter(caption -> !caption.isEmpty());
      } catch (NoSuchFileException e) {
        return Optional.empty();
      } catch (CharacterCodingException e) {
        throw new IOException(text + " is not a caption: it is not UTF-8", e);
      }
    }

    @Override
    public Start start(Pix2PixZero model, EditOptions options, ProgressListener progress)
        throws IOException {
      return Start.of(model, PictureFiles.read(file), options, progress);
    }
  }
}
