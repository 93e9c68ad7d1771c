package io.github.pix2pixzero.tensor.io;

import java.io.IOException;

/** A consumer that may fail with an {@link IOException}. */
@FunctionalInterface
public interface IOConsumer<T> {
  void accept(T value) throws IOException;
}
