package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;
import static io.github.pix2pixzero.tensor.internal.vector.VectorMath.QUICK;

import io.github.pix2pixzero.tensor.backend.Unary;
import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import java.util.Optional;
import jdk.incubator.vector.FloatVector;

/** The elementwise functions that need an exponential or the error function, and GEGLU. */
final class ActivationKernels {
  private static final int GRAIN = 8192;

  private final Workers workers;

  ActivationKernels(Workers workers) {
    this.workers = workers;
  }

  /** The loop that computes a function, if this class has one. */
  static Optional<RowLoops.One> forward(Unary f) {
    return Optional.ofNullable(
        switch (f) {
          case SILU -> ActivationKernels::silu;
          case GELU -> ActivationKernels::gelu;
          case QUICK_GELU -> ActivationKernels::quickGelu;
          case EXP -> ActivationKernels::exp;
          case SIGMOID -> ActivationKernels::sigmoid;
          case GELU_TANH, TANH, SOFTPLUS, NORMAL_CDF, LOG, SQRT, SQUARE -> null;
        });
  }

  /** The loop that multiplies a function's derivative by a gradient, if this class has one. */
  static Optional<RowLoops.Two> backward(Unary f) {
    return Optional.ofNullable(
        switch (f) {
          case SILU -> ActivationKernels::siluBackward;
          case GELU -> ActivationKernels::geluBackward;
          case QUICK_GELU -> ActivationKernels::quickGeluBackward;
          case EXP -> ActivationKernels::expBackward;
          case GELU_TANH, SIGMOID, TANH, SOFTPLUS, NORMAL_CDF, LOG, SQRT, SQUARE -> null;
        });
  }

  void unary(RowLoops.One loop, int size, float[] x, float[] out) {
    workers.range(size, GRAIN, (from, to) -> RowLoops.run(loop, to - from, x, from, out, from));
  }

  void unaryBackward(RowLoops.Two loop, int size, float[] x, float[] gradOut, float[] gradX) {
    workers.range(
        size,
        GRAIN,
        (from, to) -> RowLoops.run(loop, to - from, x, from, gradOut, from, gradX, from));
  }

  void geglu(int rows, int width, float[] x, float[] out) {
    workers.range(
        rows,
        Math.max(1, GRAIN / width),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int value = 2 * row * width;
            RowLoops.run(
                ActivationKernels::gated, width, x, value, x, value + width, out, row * width);
          }
        });
  }

  void gegluBackward(int rows, int width, float[] x, float[] gradOut, float[] gradX) {
    workers.range(
        rows,
        Math.max(1, GRAIN / width),
        (from, to) -> {
          float[] cdf = Scratch.get().floats(0, width);
          for (int row = from; row < to; row++) {
            int value = 2 * row * width;
            int gate = value + width;
            int g = row * width;
            RowLoops.run(ActivationKernels::cdf, width, x, gate, cdf, 0);
            for (int i = 0; i < width; i++) {
              gradX[value + i] = gradOut[g + i] * x[gate + i] * cdf[i];
            }
            RowLoops.run(ActivationKernels::geluSlope, width, x, gate, cdf, 0, gradX, gate);
            for (int i = 0; i < width; i++) {
              gradX[gate + i] *= gradOut[g + i] * x[value + i];
            }
          }
        });
  }

  private static void silu(int length, float[] x, int xStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xStart + i);
      v.mul(VectorMath.sigmoid(v)).intoArray(out, outStart + i);
    }
  }

  private static void gelu(int length, float[] x, int xStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xStart + i);
      v.mul(VectorMath.normalCdf(v)).intoArray(out, outStart + i);
    }
  }

  private static void quickGelu(int length, float[] x, int xStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xStart + i);
      v.mul(VectorMath.sigmoid(v.mul(QUICK))).intoArray(out, outStart + i);
    }
  }

  private static void exp(int length, float[] x, int xStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      VectorMath.exp(FloatVector.fromArray(SPECIES, x, xStart + i)).intoArray(out, outStart + i);
    }
  }

  private static void sigmoid(int length, float[] x, int xStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      VectorMath.logistic(FloatVector.fromArray(SPECIES, x, xStart + i))
          .intoArray(out, outStart + i);
    }
  }

  /** {@code out = value · gelu(gate)}. */
  private static void gated(
      int length, float[] value, int valueStart, float[] gate, int gateStart, float[] out, int to) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector g = FloatVector.fromArray(SPECIES, gate, gateStart + i);
      FloatVector v = FloatVector.fromArray(SPECIES, value, valueStart + i);
      v.mul(g.mul(VectorMath.normalCdf(g))).intoArray(out, to + i);
    }
  }

  private static void siluBackward(
      int length, float[] x, int xStart, float[] gradOut, int gStart, float[] gradX, int to) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xStart + i);
      FloatVector g = FloatVector.fromArray(SPECIES, gradOut, gStart + i);
      VectorMath.siluSlope(v).mul(g).intoArray(gradX, to + i);
    }
  }

  private static void cdf(int length, float[] x, int xStart, float[] out, int outStart) {
    for (int i = 0; i < length; i += LANES) {
      VectorMath.normalCdf(FloatVector.fromArray(SPECIES, x, xStart + i))
          .intoArray(out, outStart + i);
    }
  }

  private static void geluSlope(
      int length, float[] x, int xStart, float[] cdf, int cdfStart, float[] out, int to) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xStart + i);
      VectorMath.geluSlope(v, FloatVector.fromArray(SPECIES, cdf, cdfStart + i))
          .intoArray(out, to + i);
    }
  }

  /** In two loops, for in one C2 gives up and makes objects of the vectors. */
  private static void geluBackward(
      int length, float[] x, int xStart, float[] gradOut, int gStart, float[] gradX, int to) {
    float[] slopes = Scratch.get().floats(0, length);
    cdf(length, x, xStart, slopes, 0);
    geluSlope(length, x, xStart, slopes, 0, slopes, 0);
    for (int i = 0; i < length; i++) {
      gradX[to + i] = slopes[i] * gradOut[gStart + i];
    }
  }

  private static void quickGeluBackward(
      int length, float[] x, int xStart, float[] gradOut, int gStart, float[] gradX, int to) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xStart + i).mul(QUICK);
      FloatVector g = FloatVector.fromArray(SPECIES, gradOut, gStart + i);
      VectorMath.siluSlope(v).mul(g).intoArray(gradX, to + i);
    }
  }

  private static void expBackward(
      int length, float[] x, int xStart, float[] gradOut, int gStart, float[] gradX, int to) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xStart + i);
      FloatVector g = FloatVector.fromArray(SPECIES, gradOut, gStart + i);
      VectorMath.exp(v).mul(g).intoArray(gradX, to + i);
    }
  }
}
