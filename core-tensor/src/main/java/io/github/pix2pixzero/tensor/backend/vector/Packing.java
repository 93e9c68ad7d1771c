package io.github.pix2pixzero.tensor.backend.vector;

import io.github.pix2pixzero.tensor.backend.cpu.HostBackend;
import io.github.pix2pixzero.tensor.backend.cpu.HostStorage;
import io.github.pix2pixzero.tensor.backend.cpu.Workers;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** Makes {@link Panels}: once for constant storages, which keep them, and for each call otherwise. */
final class Packing {
  private static final int TASK_ELEMENTS = 1 << 15;

  private final HostBackend backend;
  private final Workers workers;

  Packing(HostBackend backend, Workers workers) {
    this.backend = backend;
    this.workers = workers;
  }

  /** What a storage is read as. */
  enum Use {
    MATRIX,
    TRANSPOSED,
    CONVOLUTION_BACKWARD
  }

  private record Layout(Use use, int depth, int columns) {}

  /** The panels made of a constant storage so far. */
  private static final class Kept {
    final Map<Layout, float[]> panels = new ConcurrentHashMap<>();
  }

  /**
   * Runs {@code body} with the panels of a factor.
   *
   * @param size floats that the panels take
   * @param pack fills them
   */
  void with(
      HostStorage factor,
      Use use,
      int depth,
      int columns,
      int size,
      Consumer<float[]> pack,
      Consumer<float[]> body) {
    if (!factor.isConstant()) {
      with(size, pack, body);
      return;
    }
    Map<Layout, float[]> kept = kept(factor).panels;
    Layout layout = new Layout(use, depth, columns);
    float[] panels = kept.get(layout);
    if (panels == null) {
      panels = new float[size];
      pack.accept(panels);
      kept.put(layout, panels);
    }
    body.accept(panels);
  }

  private static Kept kept(HostStorage storage) {
    synchronized (storage) {
      if (storage.packed() == null) {
        storage.packed(new Kept());
      }
      return (Kept) storage.packed();
    }
  }

  /** Runs {@code body} with an array for the length of a call, filled by {@code fill}. */
  void with(int size, Consumer<float[]> fill, Consumer<float[]> body) {
    HostStorage storage = backend.allocate(size);
    try {
      fill.accept(storage.array());
      body.accept(storage.array());
    } finally {
      storage.release();
    }
  }

  /** Runs {@code body} for each of some panels, in parallel if that is worth it. */
  void eachPanel(int panels, int depth, IntConsumer body) {
    workers.range(
        panels,
        Math.max(1, TASK_ELEMENTS / (depth * MicroKernel.WIDTH)),
        (from, to) -> {
          for (int panel = from; panel < to; panel++) {
            body.accept(panel);
          }
        });
  }
}
