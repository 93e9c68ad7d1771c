package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;

import java.util.Arrays;

/**
 * Loops over whole vectors, made to cover any length: what is left over is copied aside, filled up
 * and computed as one more vector. Loops work on arrays, so that no vector ever crosses a call that
 * may not be inlined.
 */
final class RowLoops {
  private RowLoops() {}

  /** {@code out = f(x)} for a length that is a multiple of the lanes. */
  @FunctionalInterface
  interface One {
    void run(int length, float[] x, int xStart, float[] out, int outStart);
  }

  /** {@code out = f(x, y)} for a length that is a multiple of the lanes. */
  @FunctionalInterface
  interface Two {
    void run(int length, float[] x, int xStart, float[] y, int yStart, float[] out, int outStart);
  }

  /** The part of a length that is made of whole vectors. */
  static int whole(int length) {
    return length - length % LANES;
  }

  /** The least length of whole vectors that holds {@code length} elements. */
  static int padded(int length) {
    return Tasks.divideUp(length, LANES) * LANES;
  }

  /** Whether a length is made of whole vectors. */
  static boolean fits(int length) {
    return length % LANES == 0;
  }

  /** {@code out = a + b} for any length; {@code out} may be one of them. */
  static void add(
      int length, float[] a, int aStart, float[] b, int bStart, float[] out, int outStart) {
    for (int i = 0; i < length; i++) {
      out[outStart + i] = a[aStart + i] + b[bStart + i];
    }
  }

  static void run(One loop, int length, float[] x, int xStart, float[] out, int outStart) {
    int whole = whole(length);
    loop.run(whole, x, xStart, out, outStart);
    if (whole < length) {
      float[] tail = Scratch.get().tile;
      int left = length - whole;
      load(left, x, xStart + whole, tail, 0);
      loop.run(LANES, tail, 0, tail, LANES);
      System.arraycopy(tail, LANES, out, outStart + whole, left);
    }
  }

  static void run(
      Two loop,
      int length,
      float[] x,
      int xStart,
      float[] y,
      int yStart,
      float[] out,
      int outStart) {
    int whole = whole(length);
    loop.run(whole, x, xStart, y, yStart, out, outStart);
    if (whole < length) {
      float[] tail = Scratch.get().tile;
      int left = length - whole;
      load(left, x, xStart + whole, tail, 0);
      load(left, y, yStart + whole, tail, LANES);
      loop.run(LANES, tail, 0, tail, LANES, tail, 2 * LANES);
      System.arraycopy(tail, 2 * LANES, out, outStart + whole, left);
    }
  }

  private static void load(int left, float[] x, int start, float[] tail, int at) {
    System.arraycopy(x, start, tail, at, left);
    Arrays.fill(tail, at + left, at + LANES, 0f);
  }
}
