package io.github.pix2pixzero.tensor.random;

/**
 * The Box–Muller transform as PyTorch's CPU build for x86 computes it, to the last bit.
 *
 * <p>Its logarithm, sine and cosine are the single precision approximations of the Cephes
 * Mathematical Library (S. Moshier; {@code logf}, {@code sinf}, {@code cosf}), evaluated with fused
 * multiply-adds where the compiler of PyTorch's AVX2 kernel places them. Exact library functions
 * would be more accurate, but a different number in one draw of six.
 */
final class TorchBoxMuller {
  /** How many numbers are transformed at a time. */
  static final int BLOCK = 16;

  private static final int HALF = BLOCK / 2;
  private static final float TWO_PI = (float) (2 * Math.PI);

  private TorchBoxMuller() {}

  /**
   * Turns 16 uniform numbers of [0, 1) into 16 normal ones in place. Number i and number i + 8 give
   * radius and angle of the pair that takes their places.
   */
  static void transform(float[] data, int offset) {
    for (int i = offset; i < offset + HALF; i++) {
      float radius = (float) Math.sqrt(-2f * log(1f - data[i]));
      float theta = TWO_PI * data[i + HALF];
      // π/4 times an even number is taken off, which leaves an angle of [-π/4, π/4].
      int octant = (int) (theta * 1.27323954473516f) + 1 & ~1;
      float angle = reduce(theta, octant);
      boolean swapped = (octant & 2) != 0;
      float sine = swapped ? cosine(angle) : sine(angle);
      float cosine = swapped ? sine(angle) : cosine(angle);
      // Adding the mean, zero, makes +0 of -0: it is what a uniform number of 0 ends as.
      data[i] = radius * ((octant - 2 & 4) == 0 ? -cosine : cosine) + 0f;
      data[i + HALF] = radius * ((octant & 4) != 0 ? -sine : sine) + 0f;
    }
  }

  /** The natural logarithm of a positive normal number. */
  private static float log(float value) {
    int bits = Float.floatToRawIntBits(value);
    int exponent = (bits >>> 23) - 126;
    float x = Float.intBitsToFloat(bits & 0x7fffff | 0x3f000000); // mantissa in [0.5, 1)
    if (x < 0.707106781186547524f) {
      exponent--;
      x = x - 1f + x;
    } else {
      x -= 1f;
    }
    float z = x * x;
    float y = 7.0376836292E-2f;
    y = Math.fma(y, x, -1.1514610310E-1f);
    y = Math.fma(y, x, 1.1676998740E-1f);
    y = Math.fma(y, x, -1.2420140846E-1f);
    y = Math.fma(y, x, 1.4249322787E-1f);
    y = Math.fma(y, x, -1.6668057665E-1f);
    y = Math.fma(y, x, 2.0000714765E-1f);
    y = Math.fma(y, x, -2.4999993993E-1f);
    y = Math.fma(y, x, 3.3333331174E-1f);
    // ln 2 in two parts, the first exact in few bits
    y = Math.fma(y * x, z, exponent * -2.12194440e-4f);
    y = Math.fma(z, -0.5f, y);
    return Math.fma(exponent, 0.693359375f, x + y);
  }

  /** {@code theta - octant * π/4}, with π/4 in three parts (Cody and Waite). */
  private static float reduce(float theta, int octant) {
    float angle = Math.fma(octant, -0.78515625f, theta);
    angle = Math.fma(octant, -2.4187564849853515625e-4f, angle);
    return Math.fma(octant, -3.77489497744594108e-8f, angle);
  }

  private static float sine(float x) {
    float z = x * x;
    float y = -1.9515295891E-4f;
    y = Math.fma(y, z, 8.3321608736E-3f);
    y = Math.fma(y, z, -1.6666654611E-1f);
    return Math.fma(y * z, x, x);
  }

  private static float cosine(float x) {
    float z = x * x;
    float y = 2.443315711809948E-5f;
    y = Math.fma(y, z, -1.388731625493765E-3f);
    y = Math.fma(y, z, 4.166664568298827E-2f);
    return Math.fma(y * z, z, -0.5f * z) + 1f;
  }
}
