package io.github.pix2pixzero.tensor.backend.cpu;

import io.github.pix2pixzero.tensor.backend.Storage;

/** Elements in an array. The array may be longer than the storage. */
public final class HostStorage extends Storage {
  private final HostBackend backend;
  private float[] array;
  private Object packed;

  HostStorage(HostBackend backend, float[] array, int size) {
    super(backend, size);
    this.backend = backend;
    this.array = array;
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

  @Override
  public int elementBytes() {
    return Float.BYTES;
  }

  @Override
  protected void reclaim() {
    backend.recycle(array, size());
    array = null;
    packed = null;
  }
}
