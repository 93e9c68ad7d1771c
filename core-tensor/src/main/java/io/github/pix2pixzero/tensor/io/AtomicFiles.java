package io.github.pix2pixzero.tensor.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/** Files that are written whole or not at all. */
public final class AtomicFiles {
  private static final int BUFFER_BYTES = 1 << 16;

  /** As many links in a row as Linux follows. */
  private static final int MAX_LINKS = 40;

  private AtomicFiles() {}

  /**
   * Writes a file so that at every moment, also after a crash, {@code target} is either what it was
   * before or complete. The content goes to a temporary file in the same directory, is forced to
   * the disk, and then moved over the target in one step. If anything fails, the temporary file is
   * deleted and the target left alone; what the writers of a process that was killed left in the
   * directory is deleted by the next that writes there.
   *
   * @param target the file to create or replace, with the permissions that it has; where it is a
   *     symbolic link, what the link names
   * @param content writes the content to the (buffered) stream; it may close the stream or not
   * @throws IOException if the directory is missing, the content throws, or the file cannot be
   *     written
   */
  public static void write(Path target, IOConsumer<? super OutputStream> content)
      throws IOException {
    Path file = followed(target);
    check(file);
    TemporaryFiles.removeLeftovers(file.toAbsolutePath().getParent());
    Optional<Set<PosixFilePermission>> permissions = permissions(file);
    Path temporary = TemporaryFiles.beside(file);
    try {
      try (FileChannel channel = create(temporary, permissions)) {
        TemporaryFiles.lock(channel);
        var stream = new KeptOpenStream(Channels.newOutputStream(channel));
        content.accept(stream);
        stream.flush();
        channel.force(true);
      }
      if (permissions.isPresent() && !permissions.equals(permissions(temporary))) {
        Files.setPosixFilePermissions(temporary, permissions.get());
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException | Error e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    } finally {
      TemporaryFiles.forget(temporary);
    }
  }

  /**
   * Makes sure that a target's name is one that a file can have and that nothing but a file has it,
   * without touching the directory.
   *
   * @throws IOException naming the target and saying why not, such as that its name is too long
   */
  public static void check(Path target) throws IOException {
    try {
      BasicFileAttributes found = Files.readAttributes(target, BasicFileAttributes.class);
      if (!found.isRegularFile()) {
        String kind = found.isDirectory() ? "a folder" : "a pipe or device";
        throw new FileSystemException(target.toString(), null, "is " + kind + ", not a file");
      }
    } catch (NoSuchFileException e) {
      // A name that is still free.
    }
  }

  /**
   * The file that {@link #write} makes or replaces: what a chain of symbolic links ends at, which
   * need not exist.
   *
   * @throws IOException if a link cannot be read, or they lead in a circle
   */
  public static Path followed(Path target) throws IOException {
    Path file = target;
    for (int links = 0; Files.isSymbolicLink(file); links++) {
      if (links == MAX_LINKS) {
        throw new FileSystemException(target.toString(), null, "is a link that leads nowhere");
      }
      file = file.resolveSibling(Files.readSymbolicLink(file));
    }
    return file;
  }

  /** Open to nobody, while it is written, whom the target is closed to. */
  private static FileChannel create(Path file, Optional<Set<PosixFilePermission>> permissions)
      throws IOException {
    FileAttribute<?>[] attributes =
        permissions
            .map(PosixFilePermissions::asFileAttribute)
            .map(attribute -> new FileAttribute<?>[] {attribute})
            .orElse(new FileAttribute<?>[0]);
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes);
  }

  /** Those of a file that exists, where the file system has them. */
  private static Optional<Set<PosixFilePermission>> permissions(Path file) throws IOException {
    PosixFileAttributeView view =
        Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    return view == null || !Files.exists(file)
        ? Optional.empty()
        : Optional.of(view.readAttributes().permissions());
  }

  /** Only flushes when closed: the file must still be forced to the disk then. */
  private static final class KeptOpenStream extends BufferedOutputStream {
    KeptOpenStream(OutputStream out) {
      super(out, BUFFER_BYTES);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
  }
}
