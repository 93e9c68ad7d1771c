package io.github.pix2pixzero.hub;

/** Told how far a download is, and may end it. */
@FunctionalInterface
public interface DownloadListener {
  /** Does nothing. */
  DownloadListener NONE = (file, done, total) -> {};

  /**
   * @param file the file under way, as a path in the repository
   * @param done bytes of all files so far; fewer than before where a file had to begin again
   * @param total bytes of all files that were missing
   */
  void progressed(String file, long done, long total);

  /** Asked at every piece; once it is true, the download ends with a CancellationException. */
  default boolean isCancelled() {
    return false;
  }
}
