package io.github.pix2pixzero.stablediffusion;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Repositories as huggingface_hub caches them: {@code models--ORG--NAME} with {@code refs/BRANCH},
 * which holds the name of a commit, and {@code snapshots/COMMIT}, a folder of symbolic links.
 */
final class HuggingFaceCache {
  private static final String SNAPSHOTS = "snapshots";

  private HuggingFaceCache() {}

  /**
   * The snapshot of branch {@code main} if a folder is a cached repository, or the only one there
   * is; any other folder as it is.
   *
   * @throws IOException if it is a cached repository and it is not clear which snapshot is meant
   */
  static Path snapshot(Path folder) throws IOException {
    Path snapshots = folder.resolve(SNAPSHOTS);
    if (!Files.isDirectory(snapshots)) {
      return folder;
    }
    Path main = folder.resolve("refs").resolve("main");
    if (Files.isRegularFile(main)) {
      Path snapshot = snapshots.resolve(Files.readString(main).strip());
      if (!Files.isDirectory(snapshot)) {
        throw new IOException(
            "%s names %s, which is not there; is the download complete?".formatted(main, snapshot));
      }
      return snapshot;
    }
    List<Path> all;
    try (Stream<Path> listed = Files.list(snapshots)) {
      all = listed.filter(Files::isDirectory).sorted().toList();
    }
    if (all.size() != 1) {
      throw new IOException(
          "%s has no refs/main and %d snapshots; name one of them: %s"
              .formatted(folder, all.size(), all));
    }
    return all.get(0);
  }
}
