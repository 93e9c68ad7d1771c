package io.github.pix2pixzero.cli;

import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The files of a command, under whatever names and through whatever links: no result takes the
 * place of what is read, or of another result. What is read has to be named first.
 */
final class FilesInUse {
  private final Map<Path, String> read = new LinkedHashMap<>();
  private final Map<Path, String> written = new LinkedHashMap<>();

  /**
   * Notes a file to read.
   *
   * @param title such as INPUT
   * @param file null if there is none
   */
  FilesInUse reads(String title, Path file) {
    if (file != null) {
      read.put(place(file), title);
    }
    return this;
  }

  /** Notes files to read. */
  FilesInUse reads(String title, Iterable<Path> files) {
    files.forEach(file -> reads(title, file));
    return this;
  }

  /**
   * Notes a file to write.
   *
   * @param title such as --output
   * @param file null if there is none
   * @throws IllegalArgumentException if it is one that is read or written already
   */
  FilesInUse writes(String title, Path file) {
    if (file == null) {
      return this;
    }
    checkNotRead(title, file);
    String owner = modelOf(file);
    if (owner != null) {
      throw new IllegalArgumentException(
          "%s would be overwritten: it is one of the files of %s".formatted(file, owner));
    }
    String other = written.put(place(file), title);
    if (other != null) {
      throw new IllegalArgumentException(other + " and " + title + " are the same file: " + file);
    }
    return this;
  }

  /**
   * Notes files to write into a folder.
   *
   * @param folder null if there is none
   * @param names what their names look like
   * @throws IllegalArgumentException if one that is read or written already might be such a file
   */
  FilesInUse writesInto(String title, Path folder, Pattern names) {
    if (folder != null) {
      Path place = place(folder);
      for (Map<Path, String> files : List.of(read, written)) {
        for (Path file : files.keySet()) {
          if (place.equals(file.getParent())
              && names.matcher(file.getFileName().toString()).matches()) {
            throw new IllegalArgumentException(
                "%s might be overwritten by what goes into %s; choose another folder"
                    .formatted(file, title));
          }
        }
      }
    }
    return this;
  }

  /**
   * Notes a folder for results, which is made or gone on with; it may lie in one that is read.
   *
   * @param folder null if there is none
   * @throws IllegalArgumentException if it is one that is read
   */
  FilesInUse writesFolder(String title, Path folder) {
    if (folder != null) {
      checkNotRead(title, folder);
    }
    return this;
  }

  private void checkNotRead(String title, Path file) {
    String source = read.get(place(file));
    if (source != null) {
      throw new IllegalArgumentException(
          "%s would be overwritten: %s and %s are the same file".formatted(file, source, title));
    }
  }

  /** What a file belongs to: something that is there already, in a folder that is read. */
  private String modelOf(Path file) {
    if (!Files.isRegularFile(file) || PictureFiles.isWritableName(file)) {
      return null; // a folder is written into, and a checkpoint has no pictures
    }
    Path place = place(file);
    return read.entrySet().stream()
        .filter(entry -> place.startsWith(entry.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  /** Where a file really is, or will be. */
  private static Path place(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) { // not there yet
      Path absolute = file.toAbsolutePath();
      try {
        absolute = AtomicFiles.followed(absolute);
        return absolute.getParent().toRealPath().resolve(absolute.getFileName());
      } catch (IOException missing) {
        return absolute.normalize();
      }
    }
  }
}
