package io.github.pix2pixzero.cuda;

/** Device memory that only the launches of one call use. */
final class Workspace implements AutoCloseable {
  private final DevicePool pool;
  private final DevicePool.Block block;

  Workspace(Device device, int elements) {
    pool = device.pool();
    block = pool.take((long) elements * Float.BYTES);
  }

  long address() {
    return block.address();
  }

  /** Where an element is. */
  long address(int element) {
    return block.address() + (long) element * Float.BYTES;
  }

  @Override
  public void close() {
    pool.give(block);
  }
}
