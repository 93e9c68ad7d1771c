package io.github.pix2pixzero.tensor.internal.cpu;

/** Working memory of one task of a kernel: an array a thread keeps from task to task. */
final class Scratch {
  private static final ThreadLocal<float[][]> ARRAYS =
      ThreadLocal.withInitial(() -> new float[2][0]);

  private Scratch() {}

  /**
   * At least {@code size} floats of undefined content, the same array at the next call with this
   * {@code slot}.
   *
   * @param slot 0 or 1, for kernels that need two arrays at once
   */
  static float[] floats(int slot, int size) {
    float[][] arrays = ARRAYS.get();
    if (arrays[slot].length < size) {
      arrays[slot] = new float[size];
    }
    return arrays[slot];
  }
}
