package io.github.pix2pixzero.tensor.internal.vector;

import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.LANES;
import static io.github.pix2pixzero.tensor.internal.vector.MicroKernel.SPECIES;

import io.github.pix2pixzero.tensor.internal.cpu.Workers;
import jdk.incubator.vector.FloatVector;

/** Layer normalisation (Ba et al., 2016) of rows that are made of whole vectors. */
final class LayerNormKernels {
  private static final int TASK_ELEMENTS = 16384;

  private final Workers workers;

  LayerNormKernels(Workers workers) {
    this.workers = workers;
  }

  void forward(
      int rows,
      int width,
      float epsilon,
      float[] x,
      float[] gamma,
      float[] beta,
      float[] out,
      float[] stats) {
    workers.range(
        rows,
        grain(width),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int start = row * width;
            float mean = sum(width, x, start) / width;
            float squares = sumOfSquares(width, x, start, mean);
            float inverse = (float) (1 / Math.sqrt((double) squares / width + epsilon));
            normalise(width, x, start, mean, inverse, gamma, beta, out);
            stats[2 * row] = mean;
            stats[2 * row + 1] = inverse;
          }
        });
  }

  private static float sum(int width, float[] x, int start) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < width; i += LANES) {
      sum = sum.add(FloatVector.fromArray(SPECIES, x, start + i));
    }
    return VectorMath.total(sum);
  }

  private static float sumOfSquares(int width, float[] x, int start, float mean) {
    FloatVector sum = FloatVector.zero(SPECIES);
    for (int i = 0; i < width; i += LANES) {
      FloatVector d = FloatVector.fromArray(SPECIES, x, start + i).sub(mean);
      sum = d.fma(d, sum);
    }
    return VectorMath.total(sum);
  }

  private static void normalise(
      int width,
      float[] x,
      int start,
      float mean,
      float inverse,
      float[] gamma,
      float[] beta,
      float[] out) {
    for (int i = 0; i < width; i += LANES) {
      FloatVector normal = FloatVector.fromArray(SPECIES, x, start + i).sub(mean).mul(inverse);
      normal
          .fma(FloatVector.fromArray(SPECIES, gamma, i), FloatVector.fromArray(SPECIES, beta, i))
          .intoArray(out, start + i);
    }
  }

  /**
   * With x̂ the normalised row, g the incoming gradient times gamma and r = 1 / √(variance + ε):
   * {@code gradX = r · (g - mean(g) - x̂ · mean(g · x̂))}.
   */
  void inputGradient(
      int rows,
      int width,
      float[] x,
      float[] gamma,
      float[] stats,
      float[] gradOut,
      float[] gradX) {
    workers.range(
        rows,
        grain(width),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            inputGradient(
                width, row * width, x, gamma, stats[2 * row], stats[2 * row + 1], gradOut, gradX);
          }
        });
  }

  private static void inputGradient(
      int width,
      int start,
      float[] x,
      float[] gamma,
      float mean,
      float inverse,
      float[] gradOut,
      float[] gradX) {
    FloatVector sum = FloatVector.zero(SPECIES);
    FloatVector product = FloatVector.zero(SPECIES);
    for (int i = 0; i < width; i += LANES) {
      FloatVector normal = FloatVector.fromArray(SPECIES, x, start + i).sub(mean).mul(inverse);
      FloatVector g =
          FloatVector.fromArray(SPECIES, gradOut, start + i)
              .mul(FloatVector.fromArray(SPECIES, gamma, i));
      sum = sum.add(g);
      product = g.fma(normal, product);
    }
    FloatVector meanG = FloatVector.broadcast(SPECIES, VectorMath.total(sum) / width);
    FloatVector meanProduct = FloatVector.broadcast(SPECIES, -VectorMath.total(product) / width);
    for (int i = 0; i < width; i += LANES) {
      FloatVector normal = FloatVector.fromArray(SPECIES, x, start + i).sub(mean).mul(inverse);
      FloatVector g =
          FloatVector.fromArray(SPECIES, gradOut, start + i)
              .mul(FloatVector.fromArray(SPECIES, gamma, i));
      normal.fma(meanProduct, g.sub(meanG)).mul(inverse).intoArray(gradX, start + i);
    }
  }

  private static int grain(int width) {
    return Math.max(1, TASK_ELEMENTS / width);
  }
}
