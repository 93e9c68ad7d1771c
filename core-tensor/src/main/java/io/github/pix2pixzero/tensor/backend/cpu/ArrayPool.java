package io.github.pix2pixzero.tensor.backend.cpu;

import io.github.pix2pixzero.tensor.backend.MemoryUse;
import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

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
  private long live;
  private long pooled;
  private long peak;

  synchronized float[] take(int size) {
    live += bytes(size);
    float[] array = reuse(size);
    if (array == null) {
      array = new float[size];
    } else {
      pooled -= bytes(size);
    }
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

  synchronized void give(float[] array, int size) {
    live -= bytes(size);
    pooled += bytes(size);
    free.computeIfAbsent(size, key -> new ArrayDeque<>()).push(new SoftReference<>(array));
  }

  synchronized MemoryUse use() {
    return new MemoryUse(live, pooled, peak);
  }

  private static long bytes(int size) {
    return (long) size * Float.BYTES;
  }
}
