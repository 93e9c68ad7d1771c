package io.github.pix2pixzero.distill.collect;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Where a {@link PairCollector} keeps pairs: files by names with slashes, {@code mask/ID.png},
 * below a folder. Its {@link Object#toString} names the folder in messages.
 */
public interface CollectionFiles {

  /** A folder of this machine, made when the first file is written. */
  static CollectionFiles of(Path folder) {
    return new LocalFiles(folder);
  }

  /**
   * The content of a file.
   *
   * @return empty if there is none of that name
   * @throws IOException if it cannot be read
   */
  Optional<byte[]> read(String name) throws IOException;

  /**
   * How long a file is.
   *
   * @return in bytes; empty if there is none of that name
   * @throws IOException if that cannot be found out
   */
  OptionalLong size(String name) throws IOException;

  /**
   * The names of the files right below a folder, sorted, without those that begin with a dot.
   *
   * @return empty if there is no such folder
   * @throws IOException if it cannot be read
   */
  ImmutableList<String> list(String folder) throws IOException;

  /**
   * Creates or replaces a file, and the folders it lies in, so that at every moment it is either
   * what it was before or complete.
   *
   * @throws IOException if it cannot be written
   */
  void write(String name, byte[] content) throws IOException;
}
