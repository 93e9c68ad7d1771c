package io.github.pix2pixzero.tensor.internal.cpu;

/** Elements that are read as floats, however they are stored. */
@FunctionalInterface
interface Elements {
  /** Copies {@code count} elements from {@code from} on to {@code target[to]} and what follows. */
  void copy(int from, float[] target, int to, int count);

  static Elements of(float[] array) {
    return (from, target, to, count) -> System.arraycopy(array, from, target, to, count);
  }
}
