package io.github.pix2pixzero.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps two threads or processes from downloading the same file. It saves the second download; that
 * the cache stays whole does not depend on it, because each download has a partial file of its own.
 * So where a file system knows no locks, there is none, and none excludes the Python client, which
 * locks the same file with {@code flock}, another kind of lock.
 */
final class CacheLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CacheLock.class);
  private static final int POLL_MILLIS = 100;

  private final FileChannel channel;
  private final boolean held;

  private CacheLock(FileChannel channel, boolean held) {
    this.channel = channel;
    this.held = held;
  }

  /**
   * Waits for the lock.
   *
   * @param isCancelled asked while it waits
   * @throws CancellationException if {@code isCancelled} becomes true
   */
  static CacheLock acquire(Path file, BooleanSupplier isCancelled) throws IOException {
    FileChannel channel;
    try {
      Files.createDirectories(file.getParent());
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      LOG.debug("no lock {}", file, e);
      return new CacheLock(null, false);
    }
    try {
      boolean told = false;
      while (!tryLock(channel)) {
        if (!told) {
          LOG.info("another download holds {}; waiting", file);
          told = true;
        }
        if (isCancelled.getAsBoolean()) {
          throw new CancellationException("cancelled");
        }
        Patience.sleep(POLL_MILLIS);
      }
      return new CacheLock(channel, true);
    } catch (InterruptedIOException | RuntimeException e) {
      channel.close();
      throw e;
    } catch (IOException e) {
      LOG.debug("no lock {}", file, e);
      return new CacheLock(channel, false);
    }
  }

  /** Whether no other download of this library can be under way. */
  boolean isHeld() {
    return held;
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) { // another thread of this process
      return false;
    }
  }
}
