package io.github.pix2pixzero.tensor.testing;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Comparing and making tensors in tests. */
public final class Tensors {
  private Tensors() {}

  /**
   * Fails unless every element differs from the expected one by at most {@code tolerance} times the
   * largest magnitude among the expected elements. NaN and infinity never pass.
   */
  public static void assertClose(double[] actual, double[] expected, double tolerance) {
    if (actual.length != expected.length) {
      throw new AssertionError(
          "got %s elements, expected %s".formatted(actual.length, expected.length));
    }
    double scale = 0;
    for (int i = 0; i < expected.length; i++) {
      if (!Double.isFinite(expected[i])) {
        throw new AssertionError("the expected element %s is %s".formatted(i, expected[i]));
      }
      scale = Math.max(scale, Math.abs(expected[i]));
    }
    int worst = -1;
    int wrong = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(actual[i] - expected[i]);
      if (!(error <= tolerance * scale)) {
        wrong++;
        if (worst < 0 || !(error <= Math.abs(actual[worst] - expected[worst]))) {
          worst = i;
        }
      }
    }
    if (wrong > 0) {
      throw new AssertionError(
          "%s of %s elements are off; at %s got %s, expected %s (tolerance %s of the scale %s)"
              .formatted(
                  wrong, expected.length, worst, actual[worst], expected[worst], tolerance, scale));
    }
  }

  /** See {@link #assertClose(double[], double[], double)}. */
  public static void assertClose(float[] actual, float[] expected, double tolerance) {
    assertClose(toDoubles(actual), toDoubles(expected), tolerance);
  }

  /** See {@link #assertClose(double[], double[], double)}. */
  public static void assertClose(float[] actual, double[] expected, double tolerance) {
    assertClose(toDoubles(actual), expected, tolerance);
  }

  /** See {@link #assertClose(double[], double[], double)}. */
  public static void assertClose(Tensor actual, float[] expected, double tolerance) {
    assertClose(toDoubles(actual), toDoubles(expected), tolerance);
  }

  /** Like {@link #assertClose(double[], double[], double)}; the shapes must be equal too. */
  public static void assertClose(Tensor actual, Tensor expected, double tolerance) {
    if (!actual.shape().equals(expected.shape())) {
      throw new AssertionError(
          "got shape %s, expected %s".formatted(actual.shape(), expected.shape()));
    }
    assertClose(toDoubles(actual), toDoubles(expected), tolerance);
  }

  /** The elements, in full precision where they are on the {@link OracleBackend}. */
  public static double[] toDoubles(Tensor tensor) {
    return tensor.backend() instanceof OracleBackend
        ? ((OracleBackend) tensor.backend()).download(tensor.storage())
        : toDoubles(tensor.toFloats());
  }

  public static double[] toDoubles(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  /** A tensor of doubles. */
  public static Tensor of(OracleBackend oracle, double[] values, int... dims) {
    Tensor tensor = Tensor.empty(oracle, Shape.of(dims));
    oracle.upload(values, tensor.storage());
    return tensor;
  }

  /** Numbers between -1 and 1. */
  public static float[] random(long seed, int size) {
    return random(seed, size, -1, 1);
  }

  /** Numbers between two bounds. */
  public static float[] random(long seed, int size, double low, double high) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble(low, high);
    }
    return values;
  }

  /** A tensor of numbers between -1 and 1. */
  public static Tensor random(Backend backend, long seed, int... dims) {
    return Tensor.of(backend, random(seed, Shape.of(dims).size()), dims);
  }
}
