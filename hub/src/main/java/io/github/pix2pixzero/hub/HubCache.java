package io.github.pix2pixzero.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The cache's layout, as the Python client keeps it. In {@code models--ORG--NAME} there are
 *
 * <ul>
 *   <li>{@code blobs/ETAG}, the files, each once whatever it is called;
 *   <li>{@code snapshots/COMMIT}, a folder with the repository's names, which are relative links to
 *       blobs, or files where links are refused;
 *   <li>{@code refs/REVISION}, which holds the commit that a branch or tag was at;
 *   <li>{@code trees/COMMIT.json}, the list of all files the hub has of a commit.
 * </ul>
 */
public final class HubCache {
  private static final String SNAPSHOTS = "snapshots";
  private static final String REFS = "refs";

  private final Path root;

  /** A cache in a folder, which need not exist. */
  public HubCache(Path root) {
    this.root = root;
  }

  /**
   * The folder with a model's files, where its revision has ever been downloaded; perhaps not all
   * of them.
   */
  public Optional<Path> snapshot(ModelName name) throws IOException {
    return commit(name).map(commit -> snapshot(name, commit)).filter(Files::isDirectory);
  }

  /**
   * The snapshot of branch {@code main} if a folder is a cached repository ({@code models--…}), or
   * the only one there is; any other folder as it is.
   *
   * @throws IOException if it is a cached repository and it is not clear which snapshot is meant
   */
  public static Path snapshotIn(Path folder) throws IOException {
    Path snapshots = folder.resolve(SNAPSHOTS);
    if (!Files.isDirectory(snapshots)) {
      return folder;
    }
    Path main = folder.resolve(REFS).resolve(ModelName.MAIN);
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

  Path root() {
    return root;
  }

  /** The commit a revision was at when it was last looked up. */
  Optional<String> commit(ModelName name) throws IOException {
    if (name.isCommit()) {
      return Optional.of(name.revision());
    }
    Path ref = ref(name);
    return Files.isRegularFile(ref)
        ? Optional.of(Files.readString(ref).strip()).filter(ModelName::isCommit)
        : Optional.empty();
  }

  Path snapshot(ModelName name, String commit) {
    return repository(name).resolve(SNAPSHOTS).resolve(commit);
  }

  Path blobs(ModelName name) {
    return repository(name).resolve("blobs");
  }

  Path ref(ModelName name) {
    return repository(name).resolve(REFS).resolve(name.revision());
  }

  Path tree(ModelName name, String commit) {
    return repository(name).resolve("trees").resolve(commit + ".json");
  }

  Path lock(ModelName name, String etag) {
    return root.resolve(".locks").resolve(folder(name)).resolve(etag + ".lock");
  }

  /** The files of a snapshot as paths in the repository; links to nowhere do not count. */
  static Set<String> files(Path snapshot) throws IOException {
    try (Stream<Path> walked = Files.walk(snapshot)) {
      return walked
          .filter(Files::isRegularFile)
          .map(file -> snapshot.relativize(file).toString().replace('\\', '/'))
          .collect(Collectors.toSet());
    }
  }

  private Path repository(ModelName name) {
    return root.resolve(folder(name));
  }

  private static String folder(ModelName name) {
    return "models--" + name.id().replace("/", "--");
  }
}
