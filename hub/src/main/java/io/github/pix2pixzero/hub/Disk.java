package io.github.pix2pixzero.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a cache asks of a file system that not every file system grants. */
interface Disk {
  /** Free bytes for this user where a file or folder lies, or will. */
  long usableBytes(Path path) throws IOException;

  /** Makes a symbolic link. */
  void link(Path link, Path target) throws IOException;

  /** The file systems of this machine. */
  Disk SYSTEM =
      new Disk() {
        @Override
        public long usableBytes(Path path) throws IOException {
          Path there = path.toAbsolutePath();
          while (Files.notExists(there)) {
            there = there.getParent();
          }
          return Files.getFileStore(there).getUsableSpace();
        }

        @Override
        public void link(Path link, Path target) throws IOException {
          Files.createSymbolicLink(link, target);
        }
      };

  /** A file system without symbolic links, or one whose user wants none. */
  static Disk withoutLinks(Disk disk) {
    return new Disk() {
      @Override
      public long usableBytes(Path path) throws IOException {
        return disk.usableBytes(path);
      }

      @Override
      public void link(Path link, Path target) {
        throw new UnsupportedOperationException("no symbolic links");
      }
    };
  }
}
