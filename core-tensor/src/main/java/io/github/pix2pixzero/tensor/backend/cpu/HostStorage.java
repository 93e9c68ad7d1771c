package io.github.pix2pixzero.tensor.backend.cpu;

import io.github.pix2pixzero.tensor.backend.Storage;

/** Elements in an array. The array may be longer than the storage. */
public final class HostStorage extends Storage {
  private final HostBackend backend;
  private float[] array;
  private Object packed;
  private final ArrayPool.Watch watch;

  HostStorage(HostBackend backend, float[] array, int size) {
    super(backend, size);
    this.backend = backend;
    this.array = array;
    this.watch = backend.watch(this);
  }

  /** The elements, from index 0 on. */
  public float[] array() {
    checkLive();
    return array;
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
    return Float.BYTES;
  }

  @Override
  protected void reclaim() {
    backend.recycle(array, size(), watch);
    array = null;
    packed = null;
  }
}
