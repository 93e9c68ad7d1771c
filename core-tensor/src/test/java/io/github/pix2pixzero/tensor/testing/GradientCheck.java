package io.github.pix2pixzero.tensor.testing;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Compares the gradients that {@link Autograd} finds with central differences, both in double
 * precision on the {@link OracleBackend}. The scalar that is differentiated is the sum of the
 * function's result times fixed random weights.
 */
public final class GradientCheck {
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 1e-6;

  private final Function<Tensor[], Tensor> function;
  private final OracleBackend oracle;
  private final Tensor[] inputs;

  private GradientCheck(Function<Tensor[], Tensor> function, Tensor[] inputs) {
    this.function = function;
    this.oracle = (OracleBackend) inputs[0].backend();
    this.inputs = inputs;
  }

  /**
   * Checks the gradient with respect to every input, asked for together and each alone.
   *
   * @param function made of operations; smooth around the inputs
   * @param inputs tensors on an {@link OracleBackend}
   */
  public static void check(Function<Tensor[], Tensor> function, Tensor... inputs) {
    new GradientCheck(function, inputs).run();
  }

  private void run() {
    Tensor[] all = new Tensor[inputs.length];
    Arrays.setAll(all, i -> inputs[i].variable());
    Tensor[] together = Autograd.grad(loss(all), all);
    for (int i = 0; i < inputs.length; i++) {
      String what = "gradient of input %s %s".formatted(i, inputs[i].shape());
      assertClose(what, together[i], differences(i), TOLERANCE);
      Tensor[] one = inputs.clone();
      one[i] = inputs[i].variable();
      Tensor alone = Autograd.grad(loss(one), one[i])[0];
      assertClose(what + " alone", alone, Tensors.toDoubles(together[i]), 1e-12);
    }
  }

  private void assertClose(String what, Tensor gradient, double[] expected, double tolerance) {
    try {
      Tensors.assertClose(Tensors.toDoubles(gradient), expected, tolerance);
    } catch (AssertionError e) {
      throw new AssertionError(what + ": " + e.getMessage(), e);
    }
  }

  private Tensor loss(Tensor[] at) {
    Tensor out = function.apply(at);
    return out.mul(Tensors.random(oracle, 99, out.shape().toArray())).sum();
  }

  private double[] differences(int input) {
    double[] values = Tensors.toDoubles(inputs[input]);
    double[] slopes = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      slopes[i] = (lossNear(input, i, STEP) - lossNear(input, i, -STEP)) / (2 * STEP);
    }
    return slopes;
  }

  /** The loss with one element of one input moved. */
  private double lossNear(int input, int element, double step) {
    Shape shape = inputs[input].shape();
    double[] values = Tensors.toDoubles(inputs[input]);
    values[element] += step;
    Tensor[] moved = new Tensor[inputs.length];
    Arrays.setAll(moved, i -> inputs[i].variable());
    moved[input] = Tensors.of(oracle, values, shape.toArray()).variable();
    return Tensors.toDoubles(loss(moved))[0];
  }
}
