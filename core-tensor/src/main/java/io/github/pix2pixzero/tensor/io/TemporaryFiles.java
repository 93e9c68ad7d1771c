package io.github.pix2pixzero.tensor.io;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that {@link AtomicFiles} writes to. A writer holds a lock on its own, which the
 * operating system takes back when the process ends, however it ends: a file that can be locked has
 * no writer any more.
 */
final class TemporaryFiles {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryFiles.class);

  private static final String PREFIX = ".pix2pix-zero-";
  private static final String SUFFIX = ".tmp";

  /** Spares a file whose writer has not locked it yet, or has closed it and not yet moved it. */
  private static final Duration GRACE = Duration.ofMinutes(1);

  /** Those of this process. To open one here, even for a look, would end its writer's lock. */
  private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

  /** Folders that have been looked through once. */
  private static final Set<Path> CLEAN = ConcurrentHashMap.newKeySet();

  private TemporaryFiles() {}

  /** A name in the same directory, short wherever the target's name is legal. */
  static Path beside(Path target) {
    // Not Files.createTempFile: the result would be readable by its owner alone.
    Path file = target.toAbsolutePath().resolveSibling(PREFIX + UUID.randomUUID() + SUFFIX);
    OURS.add(file);
    return file;
  }

  /** Locks a file that {@link #beside} named, as far as the file system can. */
  static void lock(FileChannel channel) {
    try {
      channel.tryLock();
    } catch (IOException e) {
      LOG.debug("Without locks, what a killed process leaves behind stays.", e);
    }
  }

  /** Ends the life of a file that {@link #beside} named. */
  static void forget(Path file) {
    OURS.remove(file);
  }

  /** Deletes what writers that were killed have left in a folder, the first time it is asked to. */
  static void removeLeftovers(Path folder) {
    if (!CLEAN.add(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
      for (Path file : files) {
        if (!OURS.contains(file) && isOld(file) && hasNoWriter(file)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      LOG.debug("{} is not tidied up.", folder, e); // writing will tell what is wrong with it
    }
  }

  private static boolean isOld(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(GRACE));
  }

  private static boolean hasNoWriter(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    }
  }
}
