package io.github.pix2pixzero.tensor.io;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where programs keep what they can make again. */
public final class CacheFolder {
  private CacheFolder() {}

  /**
   * The folder {@code pix2pix-zero} in {@code XDG_CACHE_HOME}, or in {@code .cache} of the user's
   * home. It need not exist.
   *
   * @return empty for a user without a home, as in containers that run under any user id
   */
  public static Optional<Path> ofUser() {
    return of(System.getenv(), System.getProperty("user.home"));
  }

  /** Paths that are not absolute do not count, as the XDG Base Directory Specification asks for. */
  static Optional<Path> of(Map<String, String> environment, String userHome) {
    // The JVM takes the home from the list of users and says "?" of those that are not in it.
    Stream<String> homes = Stream.of(userHome, environment.getOrDefault("HOME", ""));
    return Stream.concat(
            Stream.of(environment.getOrDefault("XDG_CACHE_HOME", "")).map(Path::of),
            homes.map(home -> Path.of(home == null ? "" : home).resolve(".cache")))
        .filter(Path::isAbsolute)
        .findFirst()
        .map(folder -> folder.resolve("pix2pix-zero"));
  }
}
