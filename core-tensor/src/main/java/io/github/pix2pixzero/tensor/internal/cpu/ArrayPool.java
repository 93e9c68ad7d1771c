package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.MemoryUse;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Arrays waiting to be used again. The steps of an edit ask for the same sizes over and over, so
 * arrays are kept by exact size; when memory is short the garbage collector takes them.
 *
 * <p>With the system property {@code pix2pixzero.poison} every array handed out is filled with NaN,
 * so that a kernel that forgets to write part of its output is found out.
 */
final class ArrayPool {
  private static final boolean POISON = Boolean.getBoolean("pix2pixzero.poison");

  private final Map<Integer, Deque<SoftReference<float[]>>> free = new HashMap<>();
  private final ReferenceQueue<HostStorage> unreachable = new ReferenceQueue<>();
  private final Set<Watch> watches = new HashSet<>();
  private long live;
  private long pooled;
  private long peak;
  private long allocated;
  private long halfBytes;

  synchronized float[] take(int size) {
    forgetUnreachable();
    float[] array = reuse(size);
    if (array == null) {
      array = new float[size]; // before it counts: there may be no memory for it
      allocated += bytes(size);
    } else {
      pooled -= bytes(size);
    }
    live += bytes(size);
    peak = Math.max(peak, live + pooled);
    if (POISON) {
      Arrays.fill(array, Float.NaN);
    }
    return array;
  }

  private float[] reuse(int size) {
    Deque<SoftReference<float[]>> arrays = free.get(size);
    while (arrays != null && !arrays.isEmpty()) {
      float[] array = arrays.pop().get();
      if (array != null) {
        return array;
      }
      pooled -= bytes(size);
    }
    return null;
  }

  /**
   * Notices when a storage becomes unreachable without having been released, as happens outside of
   * scopes. Its array is then the garbage collector's and no longer counts as live.
   */
  synchronized Watch watch(HostStorage storage) {
    Watch watch = new Watch(storage, unreachable);
    watch.bytes = bytes(storage.size());
    watches.add(watch);
    return watch;
  }

  /** As {@link #watch(HostStorage)}, of halves, which are not recycled. */
  synchronized Watch watch(HostStorage storage, Halves halves) {
    Watch watch = new Watch(storage, unreachable);
    watches.add(watch);
    watch.halfBytes = halves.bytes();
    halfBytes += halves.bytes();
    count(halves.bytes(), watch);
    return watch;
  }

  /** An array to take the place of the halves of a storage. */
  synchronized float[] take(Halves halves, Watch watch) {
    float[] array = take(halves.size());
    live -= halves.bytes();
    halfBytes -= halves.bytes();
    watch.halfBytes = 0;
    watch.bytes += bytes(halves.size()) - halves.bytes();
    return array;
  }

  /** An array that goes the way of a storage: to the garbage collector, when that is released. */
  synchronized float[] companion(int size, Watch watch) {
    float[] array = new float[size];
    count(bytes(size), watch);
    return array;
  }

  private void count(long bytes, Watch watch) {
    watch.bytes += bytes;
    live += bytes;
    allocated += bytes;
    peak = Math.max(peak, live + pooled);
  }

  private void forgetUnreachable() {
    for (Object watch = unreachable.poll(); watch != null; watch = unreachable.poll()) {
      if (watches.contains(watch)) {
        forget((Watch) watch);
      }
    }
  }

  synchronized void give(float[] array, int size, Watch watch) {
    forget(watch);
    pooled += bytes(size);
    free.computeIfAbsent(size, key -> new ArrayDeque<>()).push(new SoftReference<>(array));
  }

  /** The end of a storage whose memory is the garbage collector's. */
  synchronized void forget(Watch watch) {
    watches.remove(watch);
    live -= watch.bytes;
    halfBytes -= watch.halfBytes;
  }

  synchronized long halfBytes() {
    forgetUnreachable();
    return halfBytes;
  }

  /** Leaves what waits to be used again to the garbage collector. */
  synchronized void clear() {
    free.clear();
    pooled = 0;
  }

  synchronized MemoryUse use() {
    forgetUnreachable();
    return new MemoryUse(live, pooled, peak, allocated);
  }

  /** Outlives a storage that nobody released. */
  static final class Watch extends PhantomReference<HostStorage> {
    private long bytes;
    private long halfBytes;

    private Watch(HostStorage storage, ReferenceQueue<HostStorage> queue) {
      super(storage, queue);
    }
  }

  private static long bytes(int size) {
    return (long) size * Float.BYTES;
  }
}
