package io.github.pix2pixzero.tensor.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Files that are written whole or not at all. */
public final class AtomicFiles {
  private static final int BUFFER_BYTES = 1 << 16;

  private AtomicFiles() {}

  /**
   * Writes a file so that at every moment, also after a crash, {@code target} is either what it was
   * before or complete. The content goes to a temporary file in the same directory, is forced to
   * the disk, and then moved over the target in one step. If anything fails, the temporary file is
   * deleted and the target left alone.
   *
   * @param target the file to create or replace; a symbolic link is itself replaced
   * @param content writes the content to the (buffered) stream; it may close the stream or not
   * @throws IOException if the directory is missing, the content throws, or the file cannot be
   *     written
   */
  public static void write(Path target, IOConsumer<? super OutputStream> content)
      throws IOException {
    // Not Files.createTempFile: the result would be readable by its owner alone.
    Path temporary =
        target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    try {
      try (var channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        var stream = new KeptOpenStream(Channels.newOutputStream(channel));
        content.accept(stream);
        stream.flush();
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | RuntimeException | Error e) {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
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
