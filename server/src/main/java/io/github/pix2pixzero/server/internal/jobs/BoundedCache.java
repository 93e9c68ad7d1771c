package io.github.pix2pixzero.server.internal.jobs;

import com.google.common.collect.ImmutableList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Keeps what was used last, no more than so many things and so many bytes. The newest is kept
 * however large it is. Safe for use by many threads.
 */
public final class BoundedCache<K, V> {
  private final int mostEntries;
  private final long mostBytes;
  private final ToLongFunction<V> size;
  private final Map<K, V> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  public BoundedCache(int mostEntries, long mostBytes, ToLongFunction<V> size) {
    this.mostEntries = mostEntries;
    this.mostBytes = mostBytes;
    this.size = size;
  }

  public synchronized void put(K key, V value) {
    remove(key);
    entries.put(key, value);
    bytes += size.applyAsLong(value);
    Iterator<V> oldest = entries.values().iterator();
    while (entries.size() > 1 && (entries.size() > mostEntries || bytes > mostBytes)) {
      bytes -= size.applyAsLong(oldest.next());
      oldest.remove();
    }
  }

  public synchronized Optional<V> get(K key) {
    return Optional.ofNullable(entries.get(key));
  }

  public synchronized void remove(K key) {
    V old = entries.remove(key);
    if (old != null) {
      bytes -= size.applyAsLong(old);
    }
  }

  /** What is kept, the longest unused first. */
  public synchronized ImmutableList<V> values() {
    return ImmutableList.copyOf(entries.values());
  }

  public synchronized int count() {
    return entries.size();
  }

  public synchronized long bytes() {
    return bytes;
  }
}
