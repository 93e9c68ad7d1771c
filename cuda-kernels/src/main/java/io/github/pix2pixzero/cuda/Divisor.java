package io.github.pix2pixzero.cuda;

/**
 * A divisor with the constants that let kernels do without a division: {@code n / divisor = (((n ·
 * multiplier) >>> 32) + n) >>> shift} for {@code 0 ≤ n < 2³¹} (Granlund and Montgomery, Division by
 * Invariant Integers using Multiplication, 1994).
 */
record Divisor(int divisor, int multiplier, int shift) {

  static Divisor of(int divisor) {
    if (divisor < 1) {
      throw new IllegalArgumentException("a divisor of " + divisor);
    }
    int shift = 32 - Integer.numberOfLeadingZeros(divisor - 1);
    long multiplier = ((1L << 32) * ((1L << shift) - divisor)) / divisor + 1;
    return new Divisor(divisor, (int) multiplier, shift);
  }

  /** The quotient as the kernels compute it. */
  int quotient(int n) {
    long high = (Integer.toUnsignedLong(multiplier) * n) >>> 32;
    return (int) ((high + n) >>> shift);
  }
}
