package io.github.pix2pixzero.tensor.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.ShortBuffer;

/** An element type of a safetensors file. The names of the constants are those of the format. */
public enum StoredType {
  /** IEEE 754 double precision. */
  F64(8),
  /** IEEE 754 single precision. */
  F32(4),
  /** IEEE 754 half precision. */
  F16(2),
  /** The upper half of a single precision number. */
  BF16(2),
  /** Signed 64-bit integer. */
  I64(8),
  /** Signed 32-bit integer. */
  I32(4),
  /** Unsigned 8-bit integer. */
  U8(1),
  /** Truth value in one byte, zero for false. */
  BOOL(1);

  /** Elements decoded at a time: enough to amortise the calls, small enough for the L1 cache. */
  private static final int CHUNK = 4096;

  private final int byteSize;

  StoredType(int byteSize) {
    this.byteSize = byteSize;
  }

  /** Bytes of one element. */
  public int byteSize() {
    return byteSize;
  }

  /** Whether elements are floating point numbers. */
  public boolean isFloating() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  /** Whether elements are floating-point numbers of two bytes. */
  public boolean isHalf() {
    return this == F16 || this == BF16;
  }

  /**
   * Decodes floating-point numbers, F16 and BF16 exactly, F64 rounded to nearest.
   *
   * @param bytes little-endian, from position to limit
   * @param target receives them from {@code offset} on
   * @throws IllegalArgumentException if elements are not floating-point numbers
   */
  public void decode(ByteBuffer bytes, float[] target, int offset) {
    ByteBuffer ordered = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    switch (this) {
      case F32 -> ordered.asFloatBuffer().get(target, offset, ordered.remaining() / Float.BYTES);
      case F16, BF16 -> decodeHalves(ordered.asShortBuffer(), target, offset);
      case F64 -> decodeDoubles(ordered.asDoubleBuffer(), target, offset);
      default -> throw new IllegalArgumentException(this + " are not floating-point numbers");
    }
  }

  private void decodeHalves(ShortBuffer source, float[] target, int offset) {
    short[] chunk = new short[CHUNK];
    int at = offset;
    while (source.hasRemaining()) {
      int count = Math.min(CHUNK, source.remaining());
      source.get(chunk, 0, count);
      decode(chunk, 0, target, at, count);
      at += count;
    }
  }

  /**
   * Decodes {@code count} halves.
   *
   * @throws IllegalArgumentException if elements are not {@linkplain #isHalf() halves}
   */
  public void decode(short[] source, int from, float[] target, int to, int count) {
    switch (this) {
      case F16 -> {
        for (int i = 0; i < count; i++) {
          target[to + i] = HalfPrecision.halfToFloat(source[from + i]);
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          target[to + i] = HalfPrecision.bfloat16ToFloat(source[from + i]);
        }
      }
      default -> throw new IllegalArgumentException(this + " are not halves");
    }
  }

  private static void decodeDoubles(DoubleBuffer source, float[] target, int offset) {
    int at = offset;
    while (source.hasRemaining()) {
      target[at++] = (float) source.get();
    }
  }
}
