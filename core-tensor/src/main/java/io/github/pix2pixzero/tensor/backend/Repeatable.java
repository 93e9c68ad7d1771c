package io.github.pix2pixzero.tensor.backend;

/** Work that is done again and again on the same storages. */
public interface Repeatable extends AutoCloseable {
  /** Does it, with what the storages hold then. */
  void run();

  @Override
  void close();
}
