package io.github.pix2pixzero.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** Writes to a cache so that who reads it meanwhile sees each file whole or not at all. */
final class CacheFiles {
  private final Disk disk;

  CacheFiles(Disk disk) {
    this.disk = disk;
  }

  /** Writes a short text. */
  static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    replace(file, temporary -> Files.writeString(temporary, text));
  }

  /**
   * Gives a blob a name in a snapshot: a relative link or, where links are refused, the file
   * itself.
   *
   * @param isNew whether no other name can stand for the blob yet; it is then moved, not copied
   */
  void point(Path pointer, Path blob, boolean isNew) throws IOException {
    Files.createDirectories(pointer.getParent());
    Path target = pointer.getParent().relativize(blob);
    try {
      replace(pointer, temporary -> disk.link(temporary, target));
    } catch (IOException | UnsupportedOperationException e) {
      if (isNew) {
        Files.move(blob, pointer, StandardCopyOption.ATOMIC_MOVE);
      } else {
        replace(pointer, temporary -> Files.copy(blob, temporary));
      }
    }
  }

  private static void replace(Path file, Writing content) throws IOException {
    Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID());
    try {
      content.to(temporary);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private interface Writing {
    void to(Path file) throws IOException;
  }
}
