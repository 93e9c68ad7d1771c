package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.lang.ref.Cleaner;

/**
 * Elements in device memory. The memory goes back when the storage is released, or when it has
 * become unreachable. It begins at a multiple of 16 bytes.
 *
 * <p>Elements are what the backend's precision says, but for those that must not be rounded:
 * statistics that a backward pass needs, and what optimisers train. Whoever writes them says which.
 */
final class CudaStorage extends Storage {
  private static final Cleaner CLEANER = Cleaner.create();

  private final Memory memory;
  private final Cleaner.Cleanable cleanable;

  CudaStorage(Backend backend, DevicePool pool, ElementType type, int size) {
    super(backend, size);
    memory = new Memory(pool, type, size);
    cleanable = CLEANER.register(this, memory);
  }

  /** What a storage holds on to, apart from it so that it can be given back in its place. */
  private static final class Memory implements Runnable {
    private final DevicePool pool;
    private final int size;
    private ElementType type;
    private DevicePool.Block block;

    Memory(DevicePool pool, ElementType type, int size) {
      this.pool = pool;
      this.size = size;
      take(type);
    }

    private void take(ElementType wanted) {
      type = wanted;
      block = pool.take((long) size * wanted.bytes());
    }

    void retake(ElementType wanted) {
      pool.give(block);
      take(wanted);
    }

    @Override
    public void run() {
      pool.give(block);
    }
  }

  ElementType type() {
    return memory.type;
  }

  /** Where the elements begin in device memory. */
  long address() {
    checkLive();
    return memory.block.address();
  }

  /** The address, after making sure that elements have a type; it loses what they are otherwise. */
  long overwritten(ElementType type) {
    checkLive();
    if (memory.type != type) {
      memory.retake(type);
    }
    return address();
  }

  @Override
  public int elementBytes() {
    return memory.type.bytes();
  }

  @Override
  protected void reclaim() {
    cleanable.clean();
  }
}
