package io.github.pix2pixzero.tensor.ops;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.testing.GradientCheck;
import io.github.pix2pixzero.tensor.testing.OracleBackend;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.util.Arrays;
import java.util.function.Function;

/**
 * An operation under test: forward and backward in single precision against double precision, and
 * the gradients in double precision against finite differences.
 */
final class OpCheck {
  private static final double TOLERANCE = 1e-5;

  private OpCheck() {}

  /** Runs all checks with inputs between -1 and 1. */
  static void check(Function<Tensor[], Tensor> op, Shape... shapes) {
    check(-1, 1, op, shapes);
  }

  /** Runs all checks with inputs between two bounds. */
  static void check(double low, double high, Function<Tensor[], Tensor> op, Shape... shapes) {
    Tensor[] exact = inputs(new OracleBackend(), low, high, shapes);
    Tensor[] inputs = inputs(new PlainBackend(2), low, high, shapes);
    Tensors.assertClose(op.apply(inputs), round(op.apply(exact)), TOLERANCE);
    Tensor[] expected = gradients(op, exact);
    Tensor[] actual = gradients(op, inputs);
    for (int i = 0; i < shapes.length; i++) {
      Tensors.assertClose(actual[i], round(expected[i]), TOLERANCE);
    }
    GradientCheck.check(op, exact);
  }

  private static Tensor round(Tensor exact) {
    return Tensor.of(new PlainBackend(1), exact.toFloats(), exact.shape().toArray());
  }

  private static Tensor[] inputs(Backend backend, double low, double high, Shape[] shapes) {
    Tensor[] inputs = new Tensor[shapes.length];
    for (int i = 0; i < inputs.length; i++) {
      float[] values = Tensors.random(i + 1, shapes[i].size(), low, high);
      inputs[i] = Tensor.of(backend, values, shapes[i].toArray());
    }
    return inputs;
  }

  private static Tensor[] gradients(Function<Tensor[], Tensor> op, Tensor[] inputs) {
    Tensor[] variables = new Tensor[inputs.length];
    Arrays.setAll(variables, i -> inputs[i].variable());
    Tensor out = op.apply(variables);
    Tensor weights = Tensors.random(out.backend(), 99, out.shape().toArray());
    return Autograd.grad(out.mul(weights).sum(), variables);
  }
}
