package io.github.pix2pixzero.tensor.io;

import java.nio.ByteBuffer;
import java.nio.ShortBuffer;

/**
 * Floating-point numbers of one byte as ones of two, exactly: half precision has the exponent of
 * one of the two formats and more than that of the other (Micikevicius et al., 2022, table 1).
 */
final class Float8 {
  private static final int SIGN = 0x80;
  private static final int E4M3_NAN = 0x7f;
  private static final int E4M3_BIAS = 7;
  private static final short HALF_NAN = 0x7e00;
  private static final short[] E4M3 = new short[1 << Byte.SIZE];

  static {
    for (int bits = 0; bits < SIGN; bits++) {
      int exponent = bits >> 3;
      int mantissa = bits & 7;
      float value =
          exponent == 0
              ? Math.scalb((float) mantissa, 1 - E4M3_BIAS - 3)
              : Math.scalb(8f + mantissa, exponent - E4M3_BIAS - 3);
      short half = bits == E4M3_NAN ? HALF_NAN : HalfPrecision.floatToHalf(value);
      E4M3[bits] = half;
      E4M3[bits | SIGN] = (short) (half | SIGN << Byte.SIZE);
    }
  }

  private Float8() {}

  /**
   * The same numbers in half precision.
   *
   * @param type {@link StoredType#F8_E4M3} or {@link StoredType#F8_E5M2}
   * @param bytes one a number, from position to limit
   */
  static ShortBuffer toHalves(StoredType type, ByteBuffer bytes) {
    ShortBuffer halves = ShortBuffer.allocate(bytes.remaining());
    for (int at = bytes.position(); at < bytes.limit(); at++) {
      byte bits = bytes.get(at);
      halves.put(type == StoredType.F8_E4M3 ? E4M3[bits & 0xff] : (short) (bits << Byte.SIZE));
    }
    return halves.flip();
  }
}
