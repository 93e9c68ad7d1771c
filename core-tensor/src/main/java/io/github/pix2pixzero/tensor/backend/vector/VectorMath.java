package io.github.pix2pixzero.tensor.backend.vector;

import static io.github.pix2pixzero.tensor.backend.vector.MicroKernel.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Transcendental functions of vectors, to within a few units in the last place. */
final class VectorMath {
  /** Adding this rounds a number of moderate size to an integer, left in the lowest bits. */
  private static final float ROUNDING = 0x1.8p23f;

  private static final float LOG2_E = 1.44269504f;

  /** ln 2 in two parts, of which multiples of the first are exact. */
  private static final float LN2_HIGH = 0.693359375f;

  private static final float LN2_LOW = -2.12194440e-4f;
  private static final int ONE = 0x3f800000;
  private static final int MANTISSA_BITS = 23;

  /** Between these the exponential is a normal number. */
  private static final float EXP_LEAST = -87.33f;

  private static final float EXP_MOST = 88.37f;

  private static final float ERF_IS_ONE = 3.92f;
  private static final float INVERSE_SQRT_2 = 0.70710678f;
  private static final float INVERSE_SQRT_2_PI = 0.39894228f;
  static final float QUICK = 1.702f;

  private VectorMath() {}

  /** eˣ for x ≤ 0; what would be subnormal or zero is the least normal number. */
  static FloatVector expOfNegative(FloatVector x) {
    return expOfModerate(x.max(EXP_LEAST));
  }

  /** eˣ; what would not be a normal number is the least or greatest one. */
  static FloatVector expSaturating(FloatVector x) {
    return expOfModerate(x.max(EXP_LEAST).min(EXP_MOST));
  }

  /** eˣ for any x. */
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(-104f).min(89f);
    FloatVector rounded = rounded(clamped);
    IntVector exponent = exponent(rounded);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    return mantissa(clamped, rounded).mul(powerOf2(half)).mul(powerOf2(exponent.sub(half)));
  }

  private static FloatVector expOfModerate(FloatVector x) {
    FloatVector rounded = rounded(x);
    IntVector shifted =
        rounded.viewAsIntegralLanes().lanewise(VectorOperators.LSHL, MANTISSA_BITS).add(ONE);
    return mantissa(x, rounded).mul(shifted.viewAsFloatingLanes());
  }

  /** x / ln 2 to the nearest integer, plus {@link #ROUNDING}. */
  private static FloatVector rounded(FloatVector x) {
    return x.fma(splat(LOG2_E), splat(ROUNDING));
  }

  private static IntVector exponent(FloatVector rounded) {
    return rounded.viewAsIntegralLanes().sub(Float.floatToRawIntBits(ROUNDING));
  }

  private static FloatVector powerOf2(IntVector exponent) {
    return exponent.lanewise(VectorOperators.LSHL, MANTISSA_BITS).add(ONE).viewAsFloatingLanes();
  }

  /**
   * exp(r) of what remains when x is reduced to |r| ≤ ln 2 / 2, by a polynomial (relative error
   * 3e-10).
   */
  private static FloatVector mantissa(FloatVector x, FloatVector rounded) {
    FloatVector n = rounded.sub(ROUNDING);
    FloatVector r = n.fma(splat(-LN2_LOW), n.fma(splat(-LN2_HIGH), x));
    FloatVector p = splat(1.9899391e-4f);
    p = p.fma(r, splat(1.3933734e-3f));
    p = p.fma(r, splat(8.3332984e-3f));
    p = p.fma(r, splat(4.1666463e-2f));
    p = p.fma(r, splat(1.6666667e-1f));
    p = p.fma(r, splat(0.5f));
    return p.mul(r).fma(r, r).add(1f);
  }

  /** σ(x). */
  static FloatVector sigmoid(FloatVector x) {
    return splat(1f).div(expSaturating(x.neg()).add(1f));
  }

  /** The derivative of x · σ(x). */
  static FloatVector siluSlope(FloatVector x) {
    FloatVector s = sigmoid(x);
    return s.mul(x.mul(splat(1f).sub(s)).add(1f));
  }

  /** Φ(x), the distribution function of the standard normal distribution. */
  static FloatVector normalCdf(FloatVector x) {
    return erf(x.mul(INVERSE_SQRT_2)).fma(splat(0.5f), splat(0.5f));
  }

  /** The derivative of x · Φ(x). */
  static FloatVector geluSlope(FloatVector x) {
    FloatVector density = expOfNegative(x.mul(x).mul(-0.5f)).mul(INVERSE_SQRT_2_PI);
    return x.fma(density, normalCdf(x));
  }

  /**
   * The error function, x · P(x²) / Q(x²) with coefficients fitted for |x| ≤ 4 (relative error
   * 3e-8), and exactly ±1 where that is the nearest number in single precision.
   */
  private static FloatVector erf(FloatVector x) {
    FloatVector c = x.max(-4f).min(4f);
    FloatVector t = c.mul(c);
    FloatVector p = splat(1.98679777e-6f);
    p = p.fma(t, splat(2.84565584e-4f));
    p = p.fma(t, splat(3.88330128e-3f));
    p = p.fma(t, splat(5.31016104e-2f));
    p = p.fma(t, splat(1.93543971e-1f));
    p = p.fma(t, splat(1.12837911f));
    FloatVector q = splat(3.74203191e-5f);
    q = q.fma(t, splat(1.18556211e-3f));
    q = q.fma(t, splat(1.52071621e-2f));
    q = q.fma(t, splat(1.15349554e-1f));
    q = q.fma(t, splat(5.04856408e-1f));
    q = q.fma(t, splat(1f));
    return c.mul(p)
        .div(q)
        .blend(x.max(-1f).min(1f), x.abs().compare(VectorOperators.GE, ERF_IS_ONE));
  }

  /**
   * The sum of the lanes, always in the same order; that of {@code reduceLanes} is up to the JIT
   * compiler.
   */
  static float total(FloatVector x) {
    float sum = 0;
    for (float lane : x.toArray()) {
      sum += lane;
    }
    return sum;
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }
}
