package io.github.pix2pixzero.hub;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Paths as a server names them, which must not lead out of the folder they are meant for. */
final class RepositoryPaths {
  /**
   * A backslash parts folders on Windows, a colon names a drive or a stream, the rest is refused.
   */
  private static final Pattern UNSAFE = Pattern.compile("[\\\\:*?\"<>|\\p{Cntrl}]");

  private RepositoryPaths() {}

  /** Whether a path with forward slashes stays below a folder, on every system. */
  static boolean isSafe(String path) {
    return !UNSAFE.matcher(path).find()
        && Arrays.stream(path.split("/", -1))
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
  }

  /**
   * The file or folder below a folder.
   *
   * @throws HubException if the path leads elsewhere
   */
  static Path resolve(Path folder, String path) throws HubException {
    if (!isSafe(path)) {
      throw new HubException("the hub names a file that is refused: " + path);
    }
    return folder.resolve(path);
  }
}
