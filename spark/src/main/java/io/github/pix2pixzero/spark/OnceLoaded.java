package io.github.pix2pixzero.spark;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * What an executor, which is a JVM, loads once however many tasks it is given.
 *
 * @param <K> what says how it is loaded
 * @param <V> what is loaded; stays until the executor ends
 */
final class OnceLoaded<K, V> {
  private final Map<K, V> loaded = new HashMap<>();
  private final Loader<K, V> loader;

  /** Loads. */
  @FunctionalInterface
  interface Loader<K, V> {
    V load(K key) throws IOException;
  }

  OnceLoaded(Loader<K, V> loader) {
    this.loader = loader;
  }

  /** Who comes while it is being loaded waits. */
  synchronized V get(K key) throws IOException {
    V value = loaded.get(key);
    if (value == null) {
      value = loader.load(key);
      loaded.put(key, value);
    }
    return value;
  }
}
