package io.github.pix2pixzero.hub;

import java.nio.file.Path;
import java.util.List;

/**
 * What a download would bring, known before its first byte.
 *
 * @param name the model that was asked for
 * @param commit the commit its revision stands for
 * @param snapshot the folder in which all files lie in the end
 * @param files all files that are needed, small ones first
 */
public record DownloadPlan(ModelName name, String commit, Path snapshot, List<PlannedFile> files) {

  /**
   * A file of the model.
   *
   * @param path its path in the repository
   * @param bytes its size
   * @param cached whether it is there already
   */
  public record PlannedFile(String path, long bytes, boolean cached) {}

  public DownloadPlan {
    files = List.copyOf(files);
  }

  /** Bytes of all files. */
  public long totalBytes() {
    return files.stream().mapToLong(PlannedFile::bytes).sum();
  }

  /** The files that are not in the cache. */
  public List<PlannedFile> missing() {
    return files.stream().filter(file -> !file.cached()).toList();
  }

  /** Bytes of the files that are not in the cache. */
  public long missingBytes() {
    return missing().stream().mapToLong(PlannedFile::bytes).sum();
  }
}
