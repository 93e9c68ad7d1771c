package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Transcendental functions of vectors, to within a few units in the last place.
 *
 * <p>Constants are vectors made once: broadcasting a number where it is used takes the JIT compiler
 * so many nodes that it gives up inlining in the larger loops, and then every vector becomes an
 * object.
 */
final class VectorMath {
  /** Adding this rounds a number of moderate size to an integer, left in the lowest bits. */
  private static final float ROUNDER = 0x1.8p23f;

  private static final int MANTISSA_BITS = 23;
  private static final FloatVector ONE = splat(1f);
  private static final FloatVector ROUNDING = splat(ROUNDER);
  private static final IntVector ROUNDING_BITS = ROUNDING.reinterpretAsInts();
  private static final IntVector ONE_BITS = ONE.reinterpretAsInts();

  private static final FloatVector LOG2_E = splat(1.44269504f);

  /** -ln 2 in two parts, of which multiples of the first are exact. */
  private static final FloatVector MINUS_LN2_HIGH = splat(-0.693359375f);

  private static final FloatVector MINUS_LN2_LOW = splat(2.12194440e-4f);

  /**
   * Where exponentials that are added to 1 or more are cut off: far enough out not to matter, near
   * enough for their products to stay clear of subnormal numbers, which are slow.
   */
  private static final IntVector EXP_LIMIT = splat(60f).reinterpretAsInts();

  /** Beyond these an exponential is zero or infinite. */
  private static final FloatVector EXP_ZERO = splat(-104f);

  private static final FloatVector EXP_INFINITE = splat(89f);

  private static final FloatVector EXP_2 = splat(0.5f);
  private static final FloatVector EXP_3 = splat(1.66665763e-1f);
  private static final FloatVector EXP_4 = splat(4.16664630e-2f);
  private static final FloatVector EXP_5 = splat(8.36323574e-3f);
  private static final FloatVector EXP_6 = splat(1.39337336e-3f);

  /** Where powers of 2 that are added to 1 or more are cut off. */
  private static final FloatVector EXP2_LEAST = splat(-86f);

  private static final FloatVector EXP2_1 = splat(0.693147f);
  private static final FloatVector EXP2_2 = splat(0.24022242f);
  private static final FloatVector EXP2_3 = splat(0.055507336f);
  private static final FloatVector EXP2_4 = splat(0.009671513f);
  private static final FloatVector EXP2_5 = splat(0.0013264727f);

  /** From here on the error function is ±1 in single precision. */
  private static final FloatVector ERF_IS_ONE = splat(3.92f);

  private static final IntVector ERF_LIMIT = ERF_IS_ONE.reinterpretAsInts();
  private static final IntVector SIGN = splat(-0f).reinterpretAsInts();
  private static final IntVector MAGNITUDE = SIGN.not();
  private static final FloatVector P_0 = splat(1.12837911f);
  private static final FloatVector P_1 = splat(1.93543971e-1f);
  private static final FloatVector P_2 = splat(5.31016104e-2f);
  private static final FloatVector P_3 = splat(3.88330128e-3f);
  private static final FloatVector P_4 = splat(2.84565584e-4f);
  private static final FloatVector P_5 = splat(1.98679777e-6f);
  private static final FloatVector Q_1 = splat(5.04856408e-1f);
  private static final FloatVector Q_2 = splat(1.15349554e-1f);
  private static final FloatVector Q_3 = splat(1.52071621e-2f);
  private static final FloatVector Q_4 = splat(1.18556211e-3f);
  private static final FloatVector Q_5 = splat(3.74203191e-5f);

  private static final FloatVector MINUS_ONE = splat(-1f);
  private static final FloatVector HALF = splat(0.5f);
  private static final FloatVector MINUS_HALF = splat(-0.5f);
  private static final FloatVector INVERSE_SQRT_2 = splat(0.70710678f);
  private static final FloatVector INVERSE_SQRT_2_PI = splat(0.39894228f);

  private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(SPECIES, 8, 1, true);
  private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(SPECIES, 4, 1, true);
  private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(SPECIES, 2, 1, true);
  private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(SPECIES, 1, 1, true);

  /** The factor of quick GELU. */
  static final FloatVector QUICK = splat(1.702f);

  private VectorMath() {}

  /** eˣ for x ≤ 0, but never less than e⁻⁵⁹. */
  static FloatVector expOfNegative(FloatVector x) {
    return exp2OfNegative(x.mul(LOG2_E));
  }

  /**
   * 2ˣ for x ≤ 0 or little more, but never less than 2⁻⁸⁶ (relative error 2e-7). Powers of 2 take
   * fewer instructions than those of e, which counts where there is one for every pair of tokens.
   */
  static FloatVector exp2OfNegative(FloatVector x) {
    FloatVector c = x.blend(EXP2_LEAST, x.compare(VectorOperators.LT, EXP2_LEAST));
    FloatVector rounded = c.add(ROUNDING);
    FloatVector r = c.sub(rounded.sub(ROUNDING));
    FloatVector p = EXP2_5.fma(r, EXP2_4).fma(r, EXP2_3).fma(r, EXP2_2).fma(r, EXP2_1).fma(r, ONE);
    return p.mul(powerOf2(rounded.viewAsIntegralLanes()));
  }

  /**
   * x with its magnitude cut off, which takes a third of the instructions of the greater and the
   * lesser of two floating-point numbers. NaN becomes the limit: results must be multiplied by x.
   */
  private static FloatVector limited(FloatVector x, IntVector limit) {
    IntVector bits = x.viewAsIntegralLanes();
    return bits.and(MAGNITUDE).min(limit).or(bits.and(SIGN)).viewAsFloatingLanes();
  }

  /** eˣ for any x. */
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(EXP_ZERO).min(EXP_INFINITE);
    FloatVector rounded = clamped.fma(LOG2_E, ROUNDING);
    IntVector exponent = rounded.viewAsIntegralLanes().sub(ROUNDING_BITS);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    return mantissa(clamped, rounded).mul(powerOf2(half)).mul(powerOf2(exponent.sub(half)));
  }

  private static FloatVector expOfModerate(FloatVector x) {
    FloatVector rounded = x.fma(LOG2_E, ROUNDING);
    return mantissa(x, rounded).mul(powerOf2(rounded.viewAsIntegralLanes()));
  }

  /** 2ⁿ; only the lowest 9 bits of n count. */
  private static FloatVector powerOf2(IntVector n) {
    return n.lanewise(VectorOperators.LSHL, MANTISSA_BITS).add(ONE_BITS).viewAsFloatingLanes();
  }

  /**
   * exp(r) of what remains when x is reduced to |r| ≤ ln 2 / 2, by a polynomial (relative error
   * 1e-8).
   *
   * @param rounded x / ln 2 rounded to an integer, plus {@link #ROUNDER}
   */
  private static FloatVector mantissa(FloatVector x, FloatVector rounded) {
    FloatVector n = rounded.sub(ROUNDING);
    FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
    FloatVector p = EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2);
    return p.mul(r).fma(r, r).add(ONE);
  }

  /** σ(x) for any x. */
  static FloatVector logistic(FloatVector x) {
    return ONE.div(exp(x.mul(MINUS_ONE)).add(ONE));
  }

  /** σ(x), but not NaN for NaN. */
  static FloatVector sigmoid(FloatVector x) {
    return ONE.div(expOfModerate(limited(x, EXP_LIMIT).mul(MINUS_ONE)).add(ONE));
  }

  /** The derivative of x · σ(x). */
  static FloatVector siluSlope(FloatVector x) {
    FloatVector s = sigmoid(x);
    return s.mul(x.fma(ONE.sub(s), ONE));
  }

  /** Φ(x), the distribution function of the standard normal distribution, but not NaN for NaN. */
  static FloatVector normalCdf(FloatVector x) {
    return erf(x.mul(INVERSE_SQRT_2)).fma(HALF, HALF);
  }

  /** The derivative of x · Φ(x), given Φ(x). */
  static FloatVector geluSlope(FloatVector x, FloatVector cdf) {
    FloatVector exponent = limited(x.mul(x).mul(MINUS_HALF), EXP_LIMIT);
    return x.fma(expOfModerate(exponent).mul(INVERSE_SQRT_2_PI), cdf);
  }

  /**
   * The error function, x · P(x²) / Q(x²) with coefficients fitted for |x| ≤ 4 (relative error
   * 3e-8), and exactly ±1 where that is the nearest number in single precision.
   */
  private static FloatVector erf(FloatVector x) {
    FloatVector c = limited(x, ERF_LIMIT);
    FloatVector t = c.mul(c);
    FloatVector p = P_5.fma(t, P_4).fma(t, P_3).fma(t, P_2).fma(t, P_1).fma(t, P_0);
    FloatVector q = Q_5.fma(t, Q_4).fma(t, Q_3).fma(t, Q_2).fma(t, Q_1).fma(t, ONE);
    FloatVector sign = c.viewAsIntegralLanes().and(SIGN).or(ONE_BITS).viewAsFloatingLanes();
    return c.mul(p).div(q).blend(sign, c.abs().compare(VectorOperators.EQ, ERF_IS_ONE));
  }

  /**
   * The sum of the lanes, always in the same order; that of {@code reduceLanes} is up to the JIT
   * compiler.
   */
  static float total(FloatVector x) {
    FloatVector sum = x;
    if (LANES > 8) {
      sum = sum.add(sum.rearrange(BY_8));
    }
    if (LANES > 4) {
      sum = sum.add(sum.rearrange(BY_4));
    }
    if (LANES > 2) {
      sum = sum.add(sum.rearrange(BY_2));
    }
    return sum.add(sum.rearrange(BY_1)).lane(0);
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }
}
