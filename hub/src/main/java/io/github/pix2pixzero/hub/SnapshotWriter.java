package io.github.pix2pixzero.hub;

import io.github.pix2pixzero.hub.DownloadPlan.PlannedFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CancellationException;

/** Brings files into a snapshot: each a blob first, then its name. */
final class SnapshotWriter {
  /** Tells our partial files from those of the Python client, which nobody else may go on with. */
  private static final String PARTIAL = ".pix2pixzero-";

  private static final String INCOMPLETE = ".incomplete";

  private final HubCache cache;
  private final CacheFiles files;
  private final HubApi api;
  private final Duration stallTimeout;
  private final Patience patience;

  SnapshotWriter(HubCache cache, Disk disk, HubApi api, Duration stallTimeout, Patience patience) {
    this.cache = cache;
    this.api = api;
    this.stallTimeout = stallTimeout;
    this.patience = patience;
    files = new CacheFiles(disk);
  }

  /**
   * Brings a file.
   *
   * @param before bytes of the files that came before, for the listener
   */
  void fetch(DownloadPlan plan, PlannedFile file, long before, DownloadListener listener)
      throws IOException {
    FileMetadata metadata = patience.ask(() -> api.metadata(plan.commit(), file.path()));
    if (metadata.size() != file.bytes()) {
      throw new HubException(
          "%s is listed with %d bytes, but has %d"
              .formatted(file.path(), file.bytes(), metadata.size()));
    }
    Path pointer = RepositoryPaths.resolve(plan.snapshot(), file.path());
    Path blob = cache.blobs(plan.name()).resolve(metadata.etag());
    try (CacheLock lock =
        CacheLock.acquire(cache.lock(plan.name(), metadata.etag()), listener::isCancelled)) {
      if (Hub.hasSize(pointer, file.bytes())) { // another download has just brought it
        return;
      }
      Files.createDirectories(blob.getParent());
      boolean isNew = !Hub.hasSize(blob, file.bytes());
      if (isNew) {
        Path partial = partial(blob, lock.isHeld(), metadata.isVerifiable());
        download(plan, file, metadata, partial, before, listener);
        Files.move(partial, blob, StandardCopyOption.ATOMIC_MOVE);
      }
      files.point(pointer, blob, isNew);
    } catch (FileSystemException e) {
      throw new HubException(
          "cannot write to the cache %s: %s; HF_HUB_CACHE names another folder"
              .formatted(cache.root(), e.getMessage()),
          e);
    }
  }

  private void download(
      DownloadPlan plan,
      PlannedFile file,
      FileMetadata metadata,
      Path partial,
      long before,
      DownloadListener listener)
      throws IOException {
    long total = plan.missingBytes();
    try (BlobDownload download =
        new BlobDownload(api, plan.commit(), file.path(), metadata, stallTimeout, partial)) {
      listener.progressed(file.path(), before, total);
      download.run(
          received -> {
            if (listener.isCancelled()) {
              throw new CancellationException("cancelled");
            }
            listener.progressed(file.path(), before + received, total);
          },
          patience);
    } catch (IOException | RuntimeException e) {
      if (!metadata.isVerifiable()
          || (Files.exists(partial) && Files.size(partial) == 0)) { // of no use to the next
        Files.deleteIfExists(partial);
      }
      throw e;
    }
  }

  /**
   * A name that no other process has. What a download that was killed left is given it, so that it
   * goes on there.
   *
   * @param isAlone whether no other download of this blob is under way
   * @param isVerifiable whether a wrong beginning would be noticed, or else none is taken
   */
  private static Path partial(Path blob, boolean isAlone, boolean isVerifiable) throws IOException {
    String prefix = blob.getFileName() + PARTIAL;
    Path partial = blob.resolveSibling(prefix + UUID.randomUUID() + INCOMPLETE);
    if (isAlone) {
      try (DirectoryStream<Path> left =
          Files.newDirectoryStream(blob.getParent(), prefix + "*" + INCOMPLETE)) {
        for (Path each : left) {
          if (isVerifiable) {
            Files.move(each, partial, StandardCopyOption.ATOMIC_MOVE);
          } else {
            Files.delete(each);
          }
        }
      }
    }
    return partial;
  }
}
