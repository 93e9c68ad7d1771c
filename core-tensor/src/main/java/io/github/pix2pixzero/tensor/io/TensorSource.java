package io.github.pix2pixzero.tensor.io;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;

/**
 * Tensors by name, wherever they lie: in a file, in several, or in files that call them something
 * else. Nothing is read before it is asked for.
 */
public interface TensorSource extends AutoCloseable {
  /** What this is called in messages, such as a path. */
  String displayName();

  /** The names of all tensors. */
  ImmutableSet<String> names();

  /** Whether a tensor of this name is there. */
  default boolean contains(String name) {
    return names().contains(name);
  }

  /**
   * A tensor that can be read.
   *
   * @throws SafetensorsException if there is none of this name
   */
  StoredTensor tensor(String name) throws SafetensorsException;

  @Override
  void close() throws IOException;
}
