package io.github.pix2pixzero.tensor.internal.cpu;

/**
 * Scalar functions and their derivatives, in double precision and safe for arguments of any size.
 */
public final class Functions {
  private static final double INVERSE_SQRT_2 = 0.7071067811865476;
  private static final double INVERSE_SQRT_2_PI = 0.3989422804014327;
  private static final double QUICK = 1.702;
  private static final double SQRT_2_OVER_PI = 0.7978845608028654;
  private static final double CUBIC = 0.044715;

  private Functions() {}

  /** x · σ(x). */
  public static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  /** The derivative of {@link #silu}. */
  public static double siluSlope(double x) {
    double sigmoid = 1 / (1 + Math.exp(-x));
    return sigmoid * (1 + x * (1 - sigmoid));
  }

  /** x · Φ(x). */
  public static double gelu(double x) {
    return x * normalCdf(x);
  }

  /** The derivative of {@link #gelu}, Φ(x) + x · φ(x). */
  public static double geluSlope(double x) {
    return normalCdf(x) + x * normalDensity(x);
  }

  /** x · σ(1.702 x). */
  public static double quickGelu(double x) {
    return x / (1 + Math.exp(-QUICK * x));
  }

  /** The derivative of {@link #quickGelu}. */
  public static double quickGeluSlope(double x) {
    return siluSlope(QUICK * x);
  }

  /** 0.5 x · (1 + tanh(√(2/π) · (x + 0.044715 x³))). */
  public static double geluTanh(double x) {
    return 0.5 * x * (1 + Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x)));
  }

  /** The derivative of {@link #geluTanh}. */
  public static double geluTanhSlope(double x) {
    double tanh = Math.tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
    double inner = SQRT_2_OVER_PI * (1 + 3 * CUBIC * x * x);
    return 0.5 * (1 + tanh) + 0.5 * x * (1 - tanh * tanh) * inner;
  }

  /** 1 / (1 + e⁻ˣ). */
  public static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** The derivative of {@link #sigmoid}, σ(x) · σ(-x). */
  public static double sigmoidSlope(double x) {
    return sigmoid(x) * sigmoid(-x);
  }

  /** The derivative of the hyperbolic tangent, 1 / cosh²(x). */
  public static double tanhSlope(double x) {
    double cosh = Math.cosh(x);
    return 1 / (cosh * cosh);
  }

  /** log(1 + eˣ). */
  public static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /** (1 + erf(x / √2)) / 2. */
  public static double normalCdf(double x) {
    return 0.5 * Erf.erfc(-x * INVERSE_SQRT_2);
  }

  /** The derivative of {@link #normalCdf}, e^(-x²/2) / √(2π). */
  public static double normalDensity(double x) {
    return INVERSE_SQRT_2_PI * Math.exp(-0.5 * x * x);
  }
}
