package io.github.pix2pixzero.cli;

import com.google.common.base.Throwables;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/** The files a command leaves behind: each whole or not at all, also when it is interrupted. */
final class Results {
  private static final ReentrantLock WRITING = new ReentrantLock();

  private Results() {}

  /** Lets the JVM end, as on Ctrl-C, before results are written or after, but not in between. */
  static void finishBeforeExit() {
    Runtime.getRuntime().addShutdownHook(new Thread(WRITING::lock, "results"));
  }

  /** Writes files. */
  @FunctionalInterface
  interface Writing {
    void run() throws IOException;
  }

  static void write(Writing writing) throws IOException {
    WRITING.lock();
    try {
      writing.run();
    } finally {
      WRITING.unlock();
    }
  }

  /**
   * Writes a file.
   *
   * @throws IOException naming it, such as on a full disk
   */
  static void write(Path file, Writing writing) throws IOException {
    try {
      write(writing);
    } catch (FileSystemException e) {
      throw e; // has a name of its own
    } catch (IOException e) {
      // What encoders say wraps what the file system said, such as that the disk is full.
      throw new IOException(
          "cannot write " + file + ": " + Throwables.getRootCause(e).getMessage(), e);
    }
  }

  /**
   * Makes sure, before the long work, that a file can be written.
   *
   * @throws IOException saying why it cannot
   */
  static void check(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file.toAbsolutePath() + " is a folder, not a file to write");
    }
    if (Files.exists(file) && !Files.isWritable(file)) {
      throw new IOException(file + " is write-protected");
    }
    Path folder = AtomicFiles.followed(file.toAbsolutePath()).getParent();
    if (!Files.isDirectory(folder)) {
      throw new IOException("no such folder: " + folder);
    }
    AtomicFiles.check(file);
    checkWritable(folder);
  }

  /**
   * Makes a folder, unless it is there, and makes sure that files can be written into it.
   *
   * @throws IOException saying why they cannot
   */
  static void prepareFolder(Path folder) throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new IOException(folder + " is a file, not a folder");
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException(
          "cannot make the folder %s: %s".formatted(folder, Failures.reason(e)), e);
    }
    checkWritable(folder.toAbsolutePath());
  }

  private static void checkWritable(Path folder) throws IOException {
    write(
        () -> {
          try {
            // Tried rather than asked: what permissions say is not all there is to it.
            Files.delete(Files.createTempFile(folder, ".pix2pix-zero", ".tmp"));
          } catch (IOException e) {
            throw new IOException(
                "cannot write to the folder %s: %s".formatted(folder, Failures.reason(e)), e);
          }
        });
  }
}
