package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The matrices of Winograd's minimal filtering F(4 × 4, 3 × 3) (Lavin and Gray, 2016), each times
 * some rows: B for the input, G for the weights, A for the output.
 *
 * <p>The polynomials are interpolated at 0, ±2/3, ±3/2 and ∞. Compared with the usual 0, ±1, ±2 and
 * ∞ the numbers that cancel stay smaller, and the greatest error is a fifth; it is about seven
 * times that of direct summation, 3e-6 of the result's scale at 320 channels.
 *
 * <p>Rows of {@code x} and {@code out} are strides apart; every length here is made of whole
 * vectors.
 */
final class WinogradTransforms {
  /** Output pixels along a side of a tile. */
  static final int OUT = 4;

  /** Input pixels along a side of a tile, and transformed ones. */
  static final int IN = 6;

  /** Transformed pixels of a tile. */
  static final int POSITIONS = IN * IN;

  /** Weights along a side. */
  static final int KERNEL = 3;

  private static final double A = 2.0 / 3;
  private static final double B = 3.0 / 2;
  private static final double A2 = A * A;
  private static final double B2 = B * B;
  private static final FloatVector POINT_A = splat(A);
  private static final FloatVector POINT_B = splat(B);
  private static final FloatVector SQUARE_A = splat(A2);
  private static final FloatVector SQUARE_B = splat(B2);
  private static final FloatVector CUBE_A = splat(A2 * A);
  private static final FloatVector CUBE_B = splat(B2 * B);
  private static final FloatVector MINUS_SQUARE_A = splat(-A2);
  private static final FloatVector MINUS_SQUARE_B = splat(-B2);
  private static final FloatVector MINUS_SQUARES = splat(-A2 - B2);
  private static final FloatVector SHARE_A = splat(1 / (2 * A2 * (A2 - B2)));
  private static final FloatVector SHARE_B = splat(1 / (2 * B2 * (B2 - A2)));
  private static final FloatVector ODD_SHARE_A = splat(1 / (2 * A * (A2 - B2)));
  private static final FloatVector ODD_SHARE_B = splat(1 / (2 * B * (B2 - A2)));

  private WinogradTransforms() {}

  /** Bᵀ times 6 rows. */
  static void inputSide(
      int length, float[] x, int from, int stride, float[] out, int to, int outStride) {
    for (int i = 0; i < length; i += LANES) {
      int at = from + i;
      int o = to + i;
      FloatVector d0 = FloatVector.fromArray(SPECIES, x, at);
      FloatVector d1 = FloatVector.fromArray(SPECIES, x, at + stride);
      FloatVector d2 = FloatVector.fromArray(SPECIES, x, at + 2 * stride);
      FloatVector d3 = FloatVector.fromArray(SPECIES, x, at + 3 * stride);
      FloatVector d4 = FloatVector.fromArray(SPECIES, x, at + 4 * stride);
      FloatVector d5 = FloatVector.fromArray(SPECIES, x, at + 5 * stride);
      MINUS_SQUARES.fma(d2, d0.add(d4)).intoArray(out, o);
      FloatVector even = MINUS_SQUARE_B.fma(d2, d4);
      FloatVector odd = MINUS_SQUARE_B.fma(d1, d3).mul(POINT_A);
      even.add(odd).intoArray(out, o + outStride);
      even.sub(odd).intoArray(out, o + 2 * outStride);
      even = MINUS_SQUARE_A.fma(d2, d4);
      odd = MINUS_SQUARE_A.fma(d1, d3).mul(POINT_B);
      even.add(odd).intoArray(out, o + 3 * outStride);
      even.sub(odd).intoArray(out, o + 4 * outStride);
      MINUS_SQUARES.fma(d3, d1.add(d5)).intoArray(out, o + 5 * outStride);
    }
  }

  /** G times 3 rows. */
  static void weightSide(
      int length, float[] x, int from, int stride, float[] out, int to, int outStride) {
    for (int i = 0; i < length; i += LANES) {
      int at = from + i;
      int o = to + i;
      FloatVector g0 = FloatVector.fromArray(SPECIES, x, at);
      FloatVector g1 = FloatVector.fromArray(SPECIES, x, at + stride);
      FloatVector g2 = FloatVector.fromArray(SPECIES, x, at + 2 * stride);
      g0.intoArray(out, o);
      FloatVector even = SQUARE_A.fma(g2, g0).mul(SHARE_A);
      FloatVector odd = ODD_SHARE_A.mul(g1);
      even.add(odd).intoArray(out, o + outStride);
      even.sub(odd).intoArray(out, o + 2 * outStride);
      even = SQUARE_B.fma(g2, g0).mul(SHARE_B);
      odd = ODD_SHARE_B.mul(g1);
      even.add(odd).intoArray(out, o + 3 * outStride);
      even.sub(odd).intoArray(out, o + 4 * outStride);
      g2.intoArray(out, o + 5 * outStride);
    }
  }

  /** Aᵀ times 6 rows. */
  static void outputSide(
      int length, float[] x, int from, int stride, float[] out, int to, int outStride) {
    for (int i = 0; i < length; i += LANES) {
      int at = from + i;
      int o = to + i;
      FloatVector m1 = FloatVector.fromArray(SPECIES, x, at + stride);
      FloatVector m2 = FloatVector.fromArray(SPECIES, x, at + 2 * stride);
      FloatVector m3 = FloatVector.fromArray(SPECIES, x, at + 3 * stride);
      FloatVector m4 = FloatVector.fromArray(SPECIES, x, at + 4 * stride);
      FloatVector evenA = m1.add(m2);
      FloatVector oddA = m1.sub(m2);
      FloatVector evenB = m3.add(m4);
      FloatVector oddB = m3.sub(m4);
      FloatVector.fromArray(SPECIES, x, at).add(evenA).add(evenB).intoArray(out, o);
      POINT_A.fma(oddA, POINT_B.mul(oddB)).intoArray(out, o + outStride);
      SQUARE_A.fma(evenA, SQUARE_B.mul(evenB)).intoArray(out, o + 2 * outStride);
      FloatVector m5 = FloatVector.fromArray(SPECIES, x, at + 5 * stride);
      CUBE_A.fma(oddA, CUBE_B.fma(oddB, m5)).intoArray(out, o + 3 * outStride);
    }
  }

  /** A times 4 rows. */
  static void outputGradientSide(
      int length, float[] x, int from, int stride, float[] out, int to, int outStride) {
    for (int i = 0; i < length; i += LANES) {
      int at = from + i;
      int o = to + i;
      FloatVector d0 = FloatVector.fromArray(SPECIES, x, at);
      FloatVector d1 = FloatVector.fromArray(SPECIES, x, at + stride);
      FloatVector d2 = FloatVector.fromArray(SPECIES, x, at + 2 * stride);
      FloatVector d3 = FloatVector.fromArray(SPECIES, x, at + 3 * stride);
      d0.intoArray(out, o);
      FloatVector even = SQUARE_A.fma(d2, d0);
      FloatVector odd = CUBE_A.fma(d3, POINT_A.mul(d1));
      even.add(odd).intoArray(out, o + outStride);
      even.sub(odd).intoArray(out, o + 2 * outStride);
      even = SQUARE_B.fma(d2, d0);
      odd = CUBE_B.fma(d3, POINT_B.mul(d1));
      even.add(odd).intoArray(out, o + 3 * outStride);
      even.sub(odd).intoArray(out, o + 4 * outStride);
      d3.intoArray(out, o + 5 * outStride);
    }
  }

  /** Gᵀ times 6 rows. */
  static void weightGradientSide(
      int length, float[] x, int from, int stride, float[] out, int to, int outStride) {
    for (int i = 0; i < length; i += LANES) {
      int at = from + i;
      int o = to + i;
      FloatVector m1 = FloatVector.fromArray(SPECIES, x, at + stride);
      FloatVector m2 = FloatVector.fromArray(SPECIES, x, at + 2 * stride);
      FloatVector m3 = FloatVector.fromArray(SPECIES, x, at + 3 * stride);
      FloatVector m4 = FloatVector.fromArray(SPECIES, x, at + 4 * stride);
      FloatVector evenA = SHARE_A.mul(m1.add(m2));
      FloatVector evenB = SHARE_B.mul(m3.add(m4));
      FloatVector.fromArray(SPECIES, x, at).add(evenA).add(evenB).intoArray(out, o);
      FloatVector oddB = ODD_SHARE_B.mul(m3.sub(m4));
      ODD_SHARE_A.fma(m1.sub(m2), oddB).intoArray(out, o + outStride);
      FloatVector m5 = FloatVector.fromArray(SPECIES, x, at + 5 * stride);
      SQUARE_A.fma(evenA, SQUARE_B.fma(evenB, m5)).intoArray(out, o + 2 * outStride);
    }
  }

  private static FloatVector splat(double value) {
    return FloatVector.broadcast(SPECIES, (float) value);
  }
}
