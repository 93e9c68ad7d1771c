package io.github.pix2pixzero.tensor.nn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.stream.IntStream;

/** Rearranges weights from [out, in, taps], as PyTorch keeps them, to [taps, in, out]. */
final class OutputsLast {
  /** Outputs moved at a time: as many elements lie side by side in the result. */
  private static final int BLOCK = 32;

  private OutputsLast() {}

  /** Copies {@code count} elements that are {@code stride} apart to where they lie side by side. */
  @FunctionalInterface
  private interface Move {
    void run(int from, int stride, int to, int count);
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

  /** A rearranged copy of floats. */
  static float[] turn(float[] stored, int out, int in, int taps) {
    float[] turned = new float[stored.length];
    Move move =
        (i, stride, j, count) -> {
          for (int o = 0; o < count; o++) {
            turned[j + o] = stored[i + o * stride];
          }
        };
    turn(move, out, in, taps);
    return turned;
  }

  /** The inverse of {@link #turn(float[], int, int, int)}. */
  static float[] turnBack(float[] turned, int out, int in, int taps) {
    float[] stored = new float[turned.length];
    Move move =
        (i, stride, j, count) -> {
          for (int o = 0; o < count; o++) {
            stored[i + o * stride] = turned[j + o];
          }
        };
    turn(move, out, in, taps);
    return stored;
  }

  private static Move move(int elementBytes, ByteBuffer source, ByteBuffer target) {
    switch (elementBytes) {
      case Short.BYTES -> {
        ShortBuffer from = source.asShortBuffer();
        ShortBuffer to = target.asShortBuffer();
        return (i, stride, j, count) -> {
          for (int o = 0; o < count; o++) {
            to.put(j + o, from.get(i + o * stride));
          }
        };
      }
      case Integer.BYTES -> {
        IntBuffer from = source.asIntBuffer();
        IntBuffer to = target.asIntBuffer();
        return (i, stride, j, count) -> {
          for (int o = 0; o < count; o++) {
            to.put(j + o, from.get(i + o * stride));
          }
        };
      }
      case Long.BYTES -> {
        LongBuffer from = source.asLongBuffer();
        LongBuffer to = target.asLongBuffer();
        return (i, stride, j, count) -> {
          for (int o = 0; o < count; o++) {
            to.put(j + o, from.get(i + o * stride));
          }
        };
      }
      default -> throw new IllegalArgumentException("elements of " + elementBytes + " bytes");
    }
  }

  private static void turn(Move move, int out, int in, int taps) {
    int columns = in * taps;
    IntStream.range(0, (out + BLOCK - 1) / BLOCK)
        .parallel()
        .forEach(
            block -> {
              int first = block * BLOCK;
              int count = Math.min(BLOCK, out - first);
              for (int column = 0; column < columns; column++) {
                int to = (column % taps * in + column / taps) * out + first;
                move.run(first * columns + column, columns, to, count);
              }
            });
  }
}
