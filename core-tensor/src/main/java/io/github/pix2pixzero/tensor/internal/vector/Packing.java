package io.github.pix2pixzero.tensor.internal.vector;

import io.github.pix2pixzero.tensor.internal.cpu.Halves;
import io.github.pix2pixzero.tensor.internal.cpu.HostBackend;
import io.github.pix2pixzero.tensor.internal.cpu.HostStorage;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Makes {@link Panels}: once for constant storages, which keep them, and for each call otherwise.
 * Of the halves of a large model no panels are kept, which would take twice their memory or more.
 */
final class Packing {
  private static final int TASK_ELEMENTS = 1 << 15;

  private final HostBackend backend;
  private final Workers workers;
  private final long smallModel;

  /**
   * @param smallModel bytes of halves up to which their panels are kept all the same
   */
  Packing(HostBackend backend, Workers workers, long smallModel) {
    this.backend = backend;
    this.workers = workers;
    this.smallModel = smallModel;
  }

  /** What a storage is read as. */
  enum Use {
    MATRIX,
    TRANSPOSED,
    CONVOLUTION_BACKWARD,
    STRIDED_BACKWARD,
    WINOGRAD,
    WINOGRAD_BACKWARD
  }

  /** How a storage is read: as so many factors [depth, columns]. */
  record Layout(Use use, int factors, int depth, int columns) {
    int size() {
      return Math.multiplyExact(factors, Panels.size(depth, columns));
    }

    /** One of the factors, of all that {@code array} holds the panels of. */
    Panels panels(float[] array, int factor) {
      return new Panels(array, factor * Panels.size(depth, columns), depth, columns);
    }
  }

  /** The panels made of a constant storage so far. */
  private static final class Kept {
    final ConcurrentMap<Layout, float[]> panels = new ConcurrentHashMap<>();
  }

  /** An array to work with until it is closed. */
  record Borrowed(float[] array, Runnable giveBack) implements AutoCloseable {
    @Override
    public void close() {
      giveBack.run();
    }
  }

  /** At least {@code size} floats of undefined content for the length of a call. */
  Borrowed array(int size) {
    HostStorage storage = backend.allocate(size);
    return new Borrowed(storage.array(), storage::release);
  }

  /** Fills one panel of one factor. */
  @FunctionalInterface
  interface Fill {
    void panel(Panels target, int factor, int panel);
  }

  /** All factors in a storage; {@code fill} makes their panels. */
  Factors factors(HostStorage storage, Layout layout, Fill fill) {
    return factors(storage, layout, false, fill);
  }

  /**
   * All factors in a storage.
   *
   * @param once whether tasks that make panels themselves will make each only once, which is better
   *     than to write and read them all, unless they are kept
   */
  Factors factors(HostStorage storage, Layout layout, boolean once, Fill fill) {
    boolean large = storage.halves() != null && backend.halfBytes() > smallModel;
    if (large || once && !storage.isConstant()) {
      return new Factors(layout, null, fill);
    }
    return new Factors(layout, panels(storage, layout, fill), fill);
  }

  /** Whether panels may be kept that take several times the memory of what they are made of. */
  boolean keepsLarger(HostStorage storage) {
    return storage.isConstant() && storage.halves() != null && backend.halfBytes() <= smallModel;
  }

  private Borrowed panels(HostStorage storage, Layout layout, Fill fill) {
    if (!storage.isConstant()) {
      Borrowed panels = array(layout.size());
      fill(layout, fill, panels.array());
      return panels;
    }
    float[] panels =
        kept(storage)
            .panels
            .computeIfAbsent(
                layout,
                key -> {
                  float[] made = storage.companion(layout.size());
                  fill(layout, fill, made);
                  return made;
                });
    return new Borrowed(panels, () -> {});
  }

  /** Fills the panels of all factors. */
  void fill(Layout layout, Fill fill, float[] target) {
    eachPanel(layout, (factor, panel) -> fill.panel(layout.panels(target, factor), factor, panel));
  }

  /** As {@link Panels#pack(int, int, int, float[], int, int, int)}, whatever the storage holds. */
  static void pack(
      Panels target,
      int panel,
      int first,
      int rows,
      HostStorage source,
      int from,
      int depthStride,
      int columnStride) {
    Halves halves = source.halves();
    if (halves == null) {
      target.pack(panel, first, rows, source.array(), from, depthStride, columnStride);
    } else {
      HalfPanels.pack(target, panel, first, rows, halves, from, depthStride, columnStride);
    }
  }

  private static Kept kept(HostStorage storage) {
    synchronized (storage) {
      if (storage.packed() == null) {
        storage.packed(new Kept());
      }
      return (Kept) storage.packed();
    }
  }

  /** Work on one panel of one factor. */
  @FunctionalInterface
  interface PanelTask {
    void run(int factor, int panel);
  }

  /** Runs {@code task} for all panels, in parallel if that is worth it. */
  void eachPanel(Layout layout, PanelTask task) {
    int panels = Panels.count(layout.columns());
    workers.range(
        layout.factors() * panels,
        Math.max(1, TASK_ELEMENTS / (layout.depth() * MicroKernel.WIDTH)),
        (from, to) -> {
          for (int i = from; i < to; i++) {
            task.run(i / panels, i % panels);
          }
        });
  }
}
