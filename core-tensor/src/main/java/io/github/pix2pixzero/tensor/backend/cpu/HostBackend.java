package io.github.pix2pixzero.tensor.backend.cpu;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.MemoryUse;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.nio.ByteBuffer;

/** What the backends on the CPU share: arrays that are recycled, and threads. */
public abstract class HostBackend implements Backend {
  private final ArrayPool pool = new ArrayPool();
  private final Workers workers;

  protected HostBackend(int threads) {
    this.workers = Workers.of(threads);
  }

  /** The threads kernels run on. */
  protected final Workers workers() {
    return workers;
  }

  @Override
  public final HostStorage allocate(int size) {
    return new HostStorage(this, pool.take(size), size);
  }

  final ArrayPool.Watch watch(HostStorage storage) {
    return pool.watch(storage);
  }

  final float[] companion(int size, ArrayPool.Watch watch) {
    return pool.companion(size, watch);
  }

  @Override
  public final HostStorage constant(StoredType type, ByteBuffer data) {
    if (type.isHalf()) {
      Halves halves = Halves.of(type, data);
      pool.hold(halves.bytes());
      return new HostStorage(this, halves);
    }
    HostStorage storage = allocate(data.remaining() / type.byteSize());
    type.decode(data, storage.array(), 0);
    storage.freeze();
    return storage;
  }

  /** The array that takes the place of halves. */
  final float[] inflate(Halves halves) {
    float[] array = pool.take(halves.size());
    halves.copy(0, array, 0, halves.size());
    pool.drop(halves.bytes());
    return array;
  }

  final void hold(long bytes) {
    pool.hold(bytes);
  }

  final void drop(long bytes) {
    pool.drop(bytes);
  }

  final void recycle(float[] array, int size, ArrayPool.Watch watch) {
    pool.give(array, size, watch);
  }

  @Override
  public final void upload(float[] source, int offset, Storage target) {
    System.arraycopy(source, offset, array(target), 0, target.size());
  }

  @Override
  public final void download(Storage source, float[] target, int offset) {
    HostStorage storage = (HostStorage) source;
    Halves halves = storage.halves();
    if (halves == null) {
      System.arraycopy(storage.array(), 0, target, offset, source.size());
    } else {
      halves.copy(0, target, offset, source.size());
    }
  }

  @Override
  public final MemoryUse memory() {
    return pool.use();
  }

  /** The array behind a storage; null stays null. */
  protected static float[] array(Storage storage) {
    return storage == null ? null : ((HostStorage) storage).array();
  }

  @Override
  public String toString() {
    return name() + " (" + workers.threads() + (workers.threads() == 1 ? " thread)" : " threads)");
  }
}
