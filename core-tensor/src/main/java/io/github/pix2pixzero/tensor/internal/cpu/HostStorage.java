package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.Storage;

/**
 * Elements in an array, which may be longer than the storage. Constant ones may be halves until a
 * kernel asks for the array.
 */
public final class HostStorage extends Storage {
  private final HostBackend backend;
  private final ArrayPool.Watch watch;
  private volatile float[] array;
  private volatile Halves halves;
  private Object packed;

  HostStorage(HostBackend backend, float[] array, int size) {
    super(backend, size);
    this.backend = backend;
    this.array = array;
    this.watch = backend.watch(this);
  }

  HostStorage(HostBackend backend, Halves halves) {
    super(backend, halves.size());
    this.backend = backend;
    this.halves = halves;
    this.watch = backend.watch(this, halves);
    freeze();
  }

  /** The elements, from index 0 on. Halves are given up for it. */
  public float[] array() {
    checkLive();
    float[] elements = array;
    return elements != null ? elements : inflate();
  }

  private synchronized float[] inflate() {
    if (array == null) {
      array = backend.inflate(halves, watch);
      halves = null; // after the array is there, for those who look at the halves first
    }
    return array;
  }

  /** The elements if they are halves; otherwise null, and {@link #array()} has them. */
  public Halves halves() {
    checkLive();
    return halves;
  }

  /** The elements, to be read in runs: halves stay halves. */
  Elements elements() {
    Halves stored = halves();
    return stored != null ? stored : Elements.of(array());
  }

  /** What {@link #packed(Object)} put aside, or null. */
  public Object packed() {
    return packed;
  }

  /**
   * Puts a rearranged copy of a {@linkplain #isConstant() constant} storage aside for the next
   * call.
   */
  public void packed(Object copy) {
    packed = copy;
  }

  /** An array for such a copy, which counts as memory of this storage as long as that lives. */
  public float[] companion(int size) {
    checkLive();
    return backend.companion(size, watch);
  }

  @Override
  public int elementBytes() {
    return halves == null ? Float.BYTES : Short.BYTES;
  }

  @Override
  protected void reclaim() {
    if (halves == null) {
      backend.recycle(array, size(), watch);
    } else {
      backend.forget(watch);
    }
    array = null;
    halves = null;
    packed = null;
  }
}
