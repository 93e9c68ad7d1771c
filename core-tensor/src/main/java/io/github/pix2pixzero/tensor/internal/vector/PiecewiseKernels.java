package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Loops of the piecewise linear functions, whose comparisons the JIT compiler does not turn into
 * vector instructions by itself.
 */
final class PiecewiseKernels {
  private PiecewiseKernels() {}

  static RowLoops.One leakyRelu(float slope) {
    return (length, x, xStart, out, outStart) -> {
      for (int i = 0; i < length; i += LANES) {
        FloatVector v = FloatVector.fromArray(SPECIES, x, xStart + i);
        v.max(0f).add(v.min(0f).mul(slope)).intoArray(out, outStart + i);
      }
    };
  }

  static RowLoops.Two leakyReluBackward(float slope) {
    return (length, x, xStart, gradOut, gStart, gradX, to) -> {
      for (int i = 0; i < length; i += LANES) {
        FloatVector v = FloatVector.fromArray(SPECIES, x, xStart + i);
        FloatVector g = FloatVector.fromArray(SPECIES, gradOut, gStart + i);
        VectorMask<Float> positive = v.compare(VectorOperators.GT, 0f);
        g.mul(slope).blend(g, positive).intoArray(gradX, to + i);
      }
    };
  }

  static RowLoops.Two clampBackward(float low, float high) {
    return (length, x, xStart, gradOut, gStart, gradX, to) -> {
      for (int i = 0; i < length; i += LANES) {
        FloatVector v = FloatVector.fromArray(SPECIES, x, xStart + i);
        FloatVector g = FloatVector.fromArray(SPECIES, gradOut, gStart + i);
        VectorMask<Float> inside =
            v.compare(VectorOperators.GE, low).and(v.compare(VectorOperators.LE, high));
        FloatVector.zero(SPECIES).blend(g, inside).intoArray(gradX, to + i);
      }
    };
  }
}
