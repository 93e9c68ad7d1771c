package io.github.pix2pixzero.tensor.io;

/** IEEE 754 half precision and bfloat16 to and from single precision, for Java before 20. */
final class HalfPrecision {
  /** All 65,536 half precision numbers as floats: a lookup is faster than taking bits apart. */
  private static final float[] FLOATS = new float[1 << 16];

  static {
    for (int half = 0; half < FLOATS.length; half++) {
      FLOATS[half] = decodeHalf(half);
    }
  }

  private HalfPrecision() {}

  static float halfToFloat(short half) {
    return FLOATS[half & 0xffff];
  }

  static float bfloat16ToFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to nearest, ties to even; what is too large becomes infinite, NaN stays NaN. */
  static short floatToHalf(float value) {
    int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
    float magnitude = Math.abs(value);
    int bits;
    if (!(magnitude < 65520f)) { // halfway between the largest half and the next power of two
      bits = Float.isNaN(value) ? 0x7e00 : 0x7c00;
    } else if (magnitude < 0x1p-14f) {
      // Adding 2^-1 leaves a multiple of 2^-24, the spacing of subnormal halves.
      bits = Float.floatToRawIntBits(magnitude + 0.5f) - Float.floatToRawIntBits(0.5f);
    } else {
      bits = roundUpper(Float.floatToRawIntBits(magnitude) - ((127 - 15) << 23), 13);
    }
    return (short) (sign | bits);
  }

  /** Rounds to nearest, ties to even; what is too large becomes infinite, NaN stays NaN. */
  static short floatToBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) (Float.isNaN(value) ? bits >>> 16 | 0x40 : roundUpper(bits, 16));
  }

  /** Drops the {@code count} lowest bits; a carry into the exponent is the right result. */
  private static int roundUpper(int bits, int count) {
    int odd = bits >>> count & 1;
    return bits + (1 << count - 1) - 1 + odd >>> count;
  }

  private static float decodeHalf(int half) {
    int exponent = half >>> 10 & 0x1f;
    int fraction = half & 0x3ff;
    int sign = (half & 0x8000) << 16;
    if (exponent == 0) {
      return (sign != 0 ? -1f : 1f) * fraction * 0x1p-24f;
    }
    int exponentBits = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    return Float.intBitsToFloat(sign | exponentBits << 23 | fraction << 13);
  }
}
