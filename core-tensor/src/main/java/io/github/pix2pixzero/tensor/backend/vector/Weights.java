package io.github.pix2pixzero.tensor.backend.vector;

import io.github.pix2pixzero.tensor.backend.cpu.HostStorage;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The panels made of a constant storage, kept beside it. */
final class Weights {
  private final Map<Layout, float[]> panels = new ConcurrentHashMap<>();

  private Weights() {}

  /** Which factor a storage was read as. */
  enum Use {
    MATRIX,
    TRANSPOSED,
    CONVOLUTION_BACKWARD
  }

  private record Layout(Use use, int depth, int columns) {}

  /** The panels of {@code storage} in a layout, made by {@code pack} the first time. */
  static float[] panels(
      HostStorage storage, Use use, int depth, int columns, Supplier<float[]> pack) {
    Weights weights;
    synchronized (storage) {
      weights = (Weights) storage.packed();
      if (weights == null) {
        weights = new Weights();
        storage.packed(weights);
      }
    }
    Layout layout = new Layout(use, depth, columns);
    float[] known = weights.panels.get(layout);
    if (known == null) {
      known = pack.get();
      weights.panels.put(layout, known);
    }
    return known;
  }
}
