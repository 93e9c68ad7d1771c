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
