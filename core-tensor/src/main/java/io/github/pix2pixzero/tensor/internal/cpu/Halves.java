package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.io.StoredType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Elements of two bytes each. They are copied from the file rather than read where it is mapped:
 * weights are rearranged when they are loaded, and a file may change.
 *
 * @param type {@link StoredType#F16} or {@link StoredType#BF16}
 */
public record Halves(StoredType type, short[] bits) implements Elements {

  static Halves of(StoredType type, ByteBuffer data) {
    short[] bits = new short[data.remaining() / Short.BYTES];
    data.slice().order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(bits);
    return new Halves(type, bits);
  }

  /** The number of elements. */
  public int size() {
    return bits.length;
  }

  long bytes() {
    return (long) bits.length * Short.BYTES;
  }

  @Override
  public void copy(int from, float[] target, int to, int count) {
    type.decode(bits, from, target, to, count);
  }
}
