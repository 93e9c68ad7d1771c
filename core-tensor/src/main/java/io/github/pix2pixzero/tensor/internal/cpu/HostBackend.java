package io.github.pix2pixzero.tensor.internal.cpu;

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
  public final boolean usesHeap() {
    return true;
  }

  @Override
  public final HostStorage allocate(int size) {
    return new HostStorage(this, pool.take(size), size);
  }

  final ArrayPool.Watch watch(HostStorage storage) {
    return pool.watch(storage);
  }

  final ArrayPool.Watch watch(HostStorage storage, Halves halves) {
    return pool.watch(storage, halves);
  }

  /** Bytes that halves take now, what has been made of them aside. */
  public final long halfBytes() {
    return pool.halfBytes();
  }

  @Override
  public final void trim() {
    pool.clear();
  }

  final float[] companion(int size, ArrayPool.Watch watch) {
    return pool.companion(size, watch);
  }

  @Override
  public final HostStorage constant(StoredType type, ByteBuffer data) {
    if (type.isHalf()) {
      return new HostStorage(this, Halves.of(type, data));
    }
    HostStorage storage = allocate(data.remaining() / type.byteSize());
    type.decode(data, storage.array(), 0);
    storage.freeze();
    return storage;
  }

  final float[] inflate(Halves halves, ArrayPool.Watch watch) {
    float[] array = pool.take(halves, watch);
    halves.copy(0, array, 0, halves.size());
    return array;
  }

  final void recycle(float[] array, int size, ArrayPool.Watch watch) {
    pool.give(array, size, watch);
  }

  final void forget(ArrayPool.Watch watch) {
    pool.forget(watch);
  }

  @Override
  public final void upload(float[] source, int offset, Storage target) {
    System.arraycopy(source, offset, array(target), 0, target.size());
  }

  @Override
  public final void download(Storage source, float[] target, int offset) {
    elements(source).copy(0, target, offset, source.size());
  }

  @Override
  public final MemoryUse memory() {
    return pool.use();
  }

  /** The array behind a storage; null stays null. */
  protected static float[] array(Storage storage) {
    return storage == null ? null : ((HostStorage) storage).array();
  }

  /** What is behind a storage, for kernels that read it in runs. */
  protected static Elements elements(Storage storage) {
    return ((HostStorage) storage).elements();
  }

  @Override
  public String toString() {
    return name() + " (" + workers.threads() + (workers.threads() == 1 ? " thread)" : " threads)");
  }
}
