package io.github.pix2pixzero.tensor.nn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;

/** Rearranges weights from [out, in, taps], as PyTorch keeps them, to [taps, in, out]. */
final class OutputsLast {
  /** Outputs moved at a time: as many elements lie side by side in the result. */
  private static final int BLOCK = 32;

  private OutputsLast() {}

  @FunctionalInterface
  private interface Move {
    void element(int from, int to);
  }

  /**
   * A rearranged copy.
   *
   * @param stored from position to limit
   * @param elementBytes 2, 4 or 8
   * @param taps the kernel's height times its width; 1 for a matrix
   */
  static ByteBuffer turn(ByteBuffer stored, int elementBytes, int out, int in, int taps) {
    ByteBuffer source = stored.slice().order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer target = ByteBuffer.allocate(source.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    turn(move(elementBytes, source, target), out, in, taps);
    return target;
  }

  private static Move move(int elementBytes, ByteBuffer source, ByteBuffer target) {
    switch (elementBytes) {
      case Short.BYTES -> {
        ShortBuffer from = source.asShortBuffer();
        ShortBuffer to = target.asShortBuffer();
        return (i, j) -> to.put(j, from.get(i));
      }
      case Integer.BYTES -> {
        IntBuffer from = source.asIntBuffer();
        IntBuffer to = target.asIntBuffer();
        return (i, j) -> to.put(j, from.get(i));
      }
      case Long.BYTES -> {
        LongBuffer from = source.asLongBuffer();
        LongBuffer to = target.asLongBuffer();
        return (i, j) -> to.put(j, from.get(i));
      }
      default -> throw new IllegalArgumentException("elements of " + elementBytes + " bytes");
    }
  }

  private static void turn(Move move, int out, int in, int taps) {
    int columns = in * taps;
    for (int first = 0; first < out; first += BLOCK) {
      int end = Math.min(out, first + BLOCK);
      for (int column = 0; column < columns; column++) {
        int to = (column % taps * in + column / taps) * out;
        for (int o = first; o < end; o++) {
          move.element(o * columns + column, to + o);
        }
      }
    }
  }
}
