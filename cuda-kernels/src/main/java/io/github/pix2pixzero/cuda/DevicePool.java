package io.github.pix2pixzero.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_ERROR_OUT_OF_MEMORY;
import static org.bytedeco.cuda.global.cudart.cuMemAlloc;
import static org.bytedeco.cuda.global.cudart.cuMemFree;
import static org.bytedeco.cuda.global.cudart.cuMemGetInfo;

import io.github.pix2pixzero.tensor.backend.MemoryUse;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * Device memory waiting to be used again. Sizes are rounded up to one of eight steps between powers
 * of two, so that blocks of nearly the same size serve each other.
 *
 * <p>All work is done in one stream: whatever still reads a block that has been given back was
 * launched before whatever writes to it next, so nothing has to be waited for.
 *
 * <p>Where {@code exact}, blocks have just the size asked for and go back to the driver at once, so
 * that whoever checks accesses to device memory sees every end and every reuse.
 */
final class DevicePool {
  private static final long SMALLEST = 512;
  private static final int STEPS = 8;

  /** How often, and how many milliseconds each time, unreachable storages are waited for. */
  private static final int COLLECTIONS = 10;

  private static final long COLLECTION = 20;

  private final Device device;
  private final boolean exact;
  private final Map<Long, Deque<Block>> free = new HashMap<>();
  private Recording recording;
  private long live;
  private long pooled;
  private long peak;
  private long allocated;

  DevicePool(Device device, boolean exact) {
    this.device = device;
    this.exact = exact;
  }

  /** Device memory; bytes are those taken from the driver. */
  static final class Block {
    private final long address;
    private final long bytes;
    private Recording owner;

    private Block(long address, long bytes) {
      this.address = address;
      this.bytes = bytes;
    }

    long address() {
      return address;
    }
  }

  /** The blocks that a recorded graph uses: nobody else may have them as long as it can replay. */
  static final class Recording {
    private final Map<Long, Deque<Block>> free = new HashMap<>();
    private boolean ended;

    private Recording() {}
  }

  /** At least so many bytes of undefined content. */
  synchronized Block take(long size) {
    long bytes = exact ? Math.max(size, Float.BYTES) : bucket(size);
    Block block = recording == null ? null : poll(recording.free, bytes);
    if (block == null) {
      block = poll(free, bytes);
      if (block != null) {
        pooled -= bytes;
      } else {
        block = new Block(allocate(bytes), bytes);
      }
      block.owner = recording;
      live += bytes;
      peak = Math.max(peak, live + pooled);
    }
    return block;
  }

  /** Takes a block back. What a recording owns counts as live until {@link #release}. */
  synchronized void give(Block block) {
    if (block.owner != null && !block.owner.ended) {
      block.owner.free.computeIfAbsent(block.bytes, key -> new ArrayDeque<>()).push(block);
      return;
    }
    live -= block.bytes;
    if (exact) {
      free(block);
    } else {
      pooled += block.bytes;
      free.computeIfAbsent(block.bytes, key -> new ArrayDeque<>()).push(block);
    }
  }

  private static Block poll(Map<Long, Deque<Block>> blocks, long bytes) {
    Deque<Block> deque = blocks.get(bytes);
    return deque == null ? null : deque.poll();
  }

  /** From here to {@link #stop} every block taken belongs to the recording. */
  synchronized Recording record() {
    if (recording != null) {
      throw new IllegalStateException("a graph is being recorded already");
    }
    recording = new Recording();
    return recording;
  }

  synchronized void stop() {
    recording = null;
  }

  /** Ends a recording's claim on its blocks, also on those that storages still hold. */
  synchronized void release(Recording recording) {
    recording.ended = true;
    recording.free.values().forEach(blocks -> blocks.forEach(this::give));
    recording.free.clear();
  }

  synchronized MemoryUse use() {
    return new MemoryUse(live, pooled, peak, allocated);
  }

  private long allocate(long bytes) {
    device.enter();
    long[] address = new long[1];
    int status = cuMemAlloc(address, bytes);
    if (status == CUDA_ERROR_OUT_OF_MEMORY && pooled > 0) {
      freeAll();
      status = cuMemAlloc(address, bytes);
    }
    if (status == CUDA_ERROR_OUT_OF_MEMORY) {
      status = allocateFromGarbage(address, bytes);
    }
    if (status == CUDA_ERROR_OUT_OF_MEMORY) {
      throw new CudaException(status, shortage(bytes));
    }
    Driver.check(status, "allocating " + bytes + " bytes of device memory");
    allocated += bytes;
    return address[0];
  }

  /**
   * Again once unreachable storages have been given back, while their cleaner can have the lock:
   * the heap may be nearly empty while they fill the device.
   */
  private int allocateFromGarbage(long[] address, long bytes) {
    int status = CUDA_ERROR_OUT_OF_MEMORY;
    System.gc();
    try {
      for (int i = 0; i < COLLECTIONS && status == CUDA_ERROR_OUT_OF_MEMORY; i++) {
        wait(COLLECTION);
        freeAll();
        status = cuMemAlloc(address, bytes);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return status;
  }

  private String shortage(long bytes) {
    try (SizeTPointer left = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      Driver.check(cuMemGetInfo(left, total), "cuMemGetInfo");
      return String.format(
          Locale.ROOT,
          "out of device memory: %.1f MiB were asked for, %.1f of %.1f MiB are free; tensors hold"
              + " %.1f MiB",
          mebibytes(bytes),
          mebibytes(left.get()),
          mebibytes(total.get()),
          mebibytes(live));
    }
  }

  private static double mebibytes(long bytes) {
    return bytes / 1048576.0;
  }

  /** Gives everything that waits here back to the driver; nothing while a graph is recorded. */
  synchronized void freeAll() {
    if (recording != null) {
      return; // a stream that is captured cannot be waited for
    }
    device.synchronize();
    for (Deque<Block> blocks : free.values()) {
      blocks.forEach(this::free);
    }
    free.clear();
    pooled = 0;
  }

  private void free(Block block) {
    device.enter();
    Driver.check(cuMemFree(block.address), "cuMemFree");
  }

  /** The size of the blocks that serve a request. */
  static long bucket(long bytes) {
    if (bytes <= SMALLEST) {
      return SMALLEST;
    }
    long step = Math.max(SMALLEST, Long.highestOneBit(bytes - 1) / STEPS);
    return (bytes + step - 1) / step * step;
  }
}
