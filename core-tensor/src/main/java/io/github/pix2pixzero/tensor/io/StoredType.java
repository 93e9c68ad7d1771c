package io.github.pix2pixzero.tensor.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;

/**
 * An element type of a safetensors file. The names of the constants are those of the format.
 *
 * <p>A file may hold tensors of all of them. Read as numbers are the first {@linkplain
 * #isFloating() floating} and the {@linkplain #isInteger() integer} ones.
 */
public enum StoredType {
  /** IEEE 754 double precision. */
  F64(8),
  /** IEEE 754 single precision. */
  F32(4),
  /** IEEE 754 half precision. */
  F16(2),
  /** The upper half of a single precision number. */
  BF16(2),
  /** Sign, 4 bits of exponent and 3 of mantissa; without infinities (Micikevicius et al., 2022). */
  F8_E4M3(1),
  /** The upper half of a half precision number. */
  F8_E5M2(1),
  /** Signed 64-bit integer. */
  I64(8),
  /** Signed 32-bit integer. */
  I32(4),
  /** Signed 16-bit integer. */
  I16(2),
  /** Signed 8-bit integer. */
  I8(1),
  /** Unsigned 32-bit integer. */
  U32(4),
  /** Unsigned 16-bit integer. */
  U16(2),
  /** Unsigned 8-bit integer. */
  U8(1),
  /** Truth value in one byte, zero for false. */
  BOOL(1),
  /** Unsigned 64-bit integer. */
  U64(8),
  /** Complex number of two in single precision. */
  C64(8),
  /** {@link #F8_E4M3} with one zero and another bias. */
  F8_E4M3FNUZ(1),
  /** {@link #F8_E5M2} with one zero and another bias. */
  F8_E5M2FNUZ(1),
  /** A power of two. */
  F8_E8M0(1);

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

  /** Whether elements are floating-point numbers that are read here. */
  public boolean isFloating() {
    return this == F64 || this == F32 || this == F16 || this == BF16 || isQuarter();
  }

  /** Whether elements are integers, or truth values, that are read here. */
  public boolean isInteger() {
    return switch (this) {
      case I64, I32, I16, I8, U32, U16, U8, BOOL -> true;
      default -> false;
    };
  }

  /** Whether elements are floating-point numbers of two bytes. */
  public boolean isHalf() {
    return this == F16 || this == BF16;
  }

  /** Whether elements are floating-point numbers of one byte; {@link #F16} holds each exactly. */
  public boolean isQuarter() {
    return this == F8_E4M3 || this == F8_E5M2;
  }

  /**
   * Decodes floating-point numbers: F64 rounded to nearest, all others exactly.
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
      case F8_E4M3, F8_E5M2 -> decodeHalves(Float8.toHalves(this, ordered), target, offset);
      default -> throw new IllegalArgumentException(this + " are not floating-point numbers");
    }
  }

  /**
   * Encodes floating-point numbers, rounded to the nearest even.
   *
   * @param target little-endian, receives them at its position
   * @throws IllegalArgumentException if elements are not floating-point numbers of two bytes or
   *     more
   */
  void encode(float[] numbers, ByteBuffer target) {
    for (float number : numbers) {
      switch (this) {
        case F64 -> target.putDouble(number);
        case F32 -> target.putFloat(number);
        case F16 -> target.putShort(HalfPrecision.floatToHalf(number));
        case BF16 -> target.putShort(HalfPrecision.floatToBfloat16(number));
        default -> throw new IllegalArgumentException("floats cannot be stored as " + this);
      }
    }
  }

  /**
   * Decodes integers, or truth values as 0 and 1.
   *
   * @param bytes little-endian, from position to limit
   * @throws IllegalArgumentException if elements are not {@linkplain #isInteger() integers}
   */
  public long[] decodeLongs(ByteBuffer bytes) {
    ByteBuffer ordered = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    long[] result = new long[ordered.remaining() / byteSize];
    switch (this) {
      case I64 -> ordered.asLongBuffer().get(result);
      case I32 -> Arrays.setAll(result, ordered.asIntBuffer()::get);
      case I16 -> Arrays.setAll(result, ordered.asShortBuffer()::get);
      case I8 -> Arrays.setAll(result, ordered::get);
      case U32 -> Arrays.setAll(result, i -> ordered.getInt(4 * i) & 0xffffffffL);
      case U16 -> Arrays.setAll(result, i -> ordered.getShort(2 * i) & 0xffff);
      case U8 -> Arrays.setAll(result, i -> ordered.get(i) & 0xff);
      case BOOL -> Arrays.setAll(result, i -> ordered.get(i) != 0 ? 1 : 0);
      default -> throw new IllegalArgumentException(this + " are not integers");
    }
    return result;
  }

  /**
   * Whether none of the elements is infinite or not a number. Integers are finite.
   *
   * @param bytes little-endian, from the start to the limit
   */
  public boolean areFinite(ByteBuffer bytes) {
    if (!isFloating()) {
      return true;
    }
    float[] chunk = new float[CHUNK];
    for (int at = 0; at < bytes.limit(); at += CHUNK * byteSize) {
      int length = Math.min(CHUNK * byteSize, bytes.limit() - at);
      decode(bytes.slice(at, length), chunk, 0);
      // Zero times a number that is not finite is not a number, and stays so in a sum.
      float zero = 0;
      for (int i = 0; i < length / byteSize; i++) {
        zero += 0 * chunk[i];
      }
      if (Float.isNaN(zero)) {
        return false;
      }
    }
    return true;
  }

  private void decodeHalves(ShortBuffer source, float[] target, int offset) {
    StoredType halves = isQuarter() ? F16 : this;
    short[] chunk = new short[CHUNK];
    int at = offset;
    while (source.hasRemaining()) {
      int count = Math.min(CHUNK, source.remaining());
      source.get(chunk, 0, count);
      halves.decode(chunk, 0, target, at, count);
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
