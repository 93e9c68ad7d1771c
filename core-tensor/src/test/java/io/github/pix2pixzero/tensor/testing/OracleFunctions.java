package io.github.pix2pixzero.tensor.testing;

import io.github.pix2pixzero.tensor.backend.Binary;
import io.github.pix2pixzero.tensor.backend.Unary;

/** Scalar functions for the {@link OracleBackend}, by their definitions. */
public final class OracleFunctions {
  private static final double QUICK = 1.702;

  private OracleFunctions() {}

  static double value(Unary f, double x) {
    return switch (f) {
      case SILU -> x * sigmoid(x);
      case GELU -> x * normalCdf(x);
      case QUICK_GELU -> x * sigmoid(QUICK * x);
      case GELU_TANH -> x * sigmoid(2 * bend(x)); // (1 + tanh(y)) / 2 = σ(2y)
      case SIGMOID -> sigmoid(x);
      case TANH -> sigmoid(2 * x) - sigmoid(-2 * x);
      case SOFTPLUS -> x > 30 ? x + Math.exp(-x) : Math.log1p(Math.exp(x));
      case NORMAL_CDF -> normalCdf(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case SQUARE -> x * x;
    };
  }

  static double derivative(Unary f, double x) {
    return switch (f) {
      case SILU -> sigmoid(x) + x * sigmoid(x) * sigmoid(-x);
      case GELU -> normalCdf(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case QUICK_GELU -> sigmoid(QUICK * x) + QUICK * x * sigmoid(QUICK * x) * sigmoid(-QUICK * x);
      case GELU_TANH ->
          sigmoid(2 * bend(x))
              + x * 2 * bendSlope(x) * sigmoid(2 * bend(x)) * sigmoid(-2 * bend(x));
      case SIGMOID -> sigmoid(x) * sigmoid(-x);
      case TANH -> 4 * sigmoid(2 * x) * sigmoid(-2 * x);
      case SOFTPLUS -> sigmoid(x);
      case NORMAL_CDF -> Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case EXP -> Math.exp(x);
      case LOG -> 1 / x;
      case SQRT -> 1 / (2 * Math.sqrt(x));
      case SQUARE -> 2 * x;
    };
  }

  static double value(Binary f, double a, double b) {
    return switch (f) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case MAX -> Math.max(a, b);
      case MIN -> Math.min(a, b);
      case EQUAL -> a == b ? 1 : 0;
    };
  }

  /** What the tanh of {@link Unary#GELU_TANH} is taken of. */
  private static double bend(double x) {
    return Math.sqrt(2 / Math.PI) * (x + 0.044715 * Math.pow(x, 3));
  }

  private static double bendSlope(double x) {
    return Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  static double normalCdf(double x) {
    return erfc(-x / Math.sqrt(2)) / 2;
  }

  /**
   * 1 - erf(x): for small arguments from the series of erf whose terms are all positive (Abramowitz
   * and Stegun, 7.1.6), for large ones from the continued fraction (7.1.14).
   */
  public static double erfc(double x) {
    if (x < 0) {
      return 2 - erfc(-x);
    }
    if (x < 2) {
      double sum = 0;
      double term = x;
      for (int n = 0; n < 100; n++) {
        sum += term;
        term *= 2 * x * x / (2 * n + 3);
      }
      return 1 - 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }
    double fraction = x;
    for (int n = 200; n > 0; n--) {
      fraction = x + n / 2.0 / fraction;
    }
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
  }
}
