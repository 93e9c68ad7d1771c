package io.github.pix2pixzero.hub;

import java.io.FileNotFoundException;
import java.util.List;
import java.util.Set;

/**
 * Which files of a repository are needed. It is asked about what the hub has and, without the hub,
 * about what the cache has, and so should look at names alone. {@link ModelFiles} builds most.
 */
@FunctionalInterface
public interface FileSelection {
  /**
   * Selects files.
   *
   * @param files all there are, as paths with forward slashes, such as {@code unet/config.json}
   * @return those that are needed, each one of {@code files}
   * @throws FileNotFoundException if a file is missing without which the rest is of no use; the
   *     message goes on where "ORG/NAME has" begins
   */
  List<String> select(Set<String> files) throws FileNotFoundException;
}
