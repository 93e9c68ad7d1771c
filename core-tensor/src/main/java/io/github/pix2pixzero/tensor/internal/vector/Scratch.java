package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.MAX_ROWS;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.WIDTH;

/** Working memory of one task of a kernel: arrays a thread keeps from task to task. */
final class Scratch {
  private static final ThreadLocal<Scratch> CURRENT = ThreadLocal.withInitial(Scratch::new);

  /** A tile of a product that does not fit the result's last columns. */
  final float[] tile = new float[MAX_ROWS * WIDTH];

  /** Columns of halves, two by two, before and after they are turned into rows. */
  final int[] pairs = new int[LANES * HalfPanels.TURNED_STRIDE];

  final int[] turned = new int[LANES * HalfPanels.TURNED_DEPTH];

  /** What {@link HalfPanels} read ahead, kept so that the JIT compiler does not leave it out. */
  int touched;

  private final float[][] floats = new float[4][0];
  private final int[][] offsets = new int[2][0];

  private Scratch() {}

  /** That of this thread. */
  static Scratch get() {
    return CURRENT.get();
  }

  /**
   * At least {@code size} floats of undefined content, the same array at the next call with this
   * {@code slot}.
   *
   * @param slot 0, 1 or 2, for kernels that need several arrays at once; 3 is for {@link Factors}
   */
  float[] floats(int slot, int size) {
    if (floats[slot].length < size) {
      floats[slot] = new float[size];
    }
    return floats[slot];
  }

  /**
   * At least {@code count} offsets of rows, of undefined content.
   *
   * @param slot 0 or 1
   */
  int[] rows(int slot, int count) {
    if (offsets[slot].length < count) {
      offsets[slot] = new int[count];
    }
    return offsets[slot];
  }

  /** The offsets 0, stride, 2 · stride, … */
  int[] evenRows(int slot, int count, int stride) {
    int[] rows = rows(slot, count);
    for (int i = 0; i < count; i++) {
      rows[i] = i * stride;
    }
    return rows;
  }
}
