package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.lang.ref.Cleaner;

/**
 * Elements in device memory. The memory goes back when the storage is released, or when it has
 * become unreachable.
 */
final class CudaStorage extends Storage {
  private static final Cleaner CLEANER = Cleaner.create();

  private final long address;
  private final Cleaner.Cleanable cleanable;

  CudaStorage(Backend backend, DevicePool pool, int size) {
    super(backend, size);
    DevicePool.Block block = pool.take(bytes(size));
    address = block.address();
    cleanable = CLEANER.register(this, () -> pool.give(block));
  }

  private static long bytes(int size) {
    return (long) size * Float.BYTES;
  }

  long bytes() {
    return bytes(size());
  }

  /** Where the elements begin in device memory. */
  long address() {
    checkLive();
    return address;
  }

  @Override
  public int elementBytes() {
    return Float.BYTES;
  }

  @Override
  protected void reclaim() {
    cleanable.clean();
  }
}
