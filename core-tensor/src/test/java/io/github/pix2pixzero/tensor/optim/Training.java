package io.github.pix2pixzero.tensor.optim;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.util.function.UnaryOperator;

/** The small problem of {@code torch-trajectories.py}: two parameters, one convex loss. */
final class Training {
  final Parameters parameters;
  private final Tensor target;
  private final Tensor weight;

  Training(Backend backend) {
    parameters = new Parameters(backend, new PhiloxGenerator(0));
    parameters.add("w", new float[] {0.5f, -1.25f, 2, 0, 1e-3f, -0.75f}, 2, 3);
    parameters.add("b", new float[] {0.1f, -0.2f, 3}, 3);
    target = Tensor.of(backend, new float[] {1, 1, -1, 0.5f, -0.5f, 0.25f}, 2, 3);
    weight = Tensor.of(backend, new float[] {1, 0.1f, 0.02f, 3, 1e-3f, 0.5f}, 2, 3);
  }

  Tensor loss() {
    Tensor w = parameters.get("w");
    Tensor squares = w.sub(target).square().add(w.add(parameters.get("b")).square());
    return squares.mul(weight).mul(0.5f).sum();
  }

  void step(Optimizer optimizer, UnaryOperator<Tensor[]> clip) {
    try (Scope step = Scope.open()) {
      optimizer.step(clip.apply(Autograd.grad(loss(), parameters.tensors())));
    }
  }

  void step(Optimizer optimizer) {
    step(optimizer, gradients -> gradients);
  }

  /** The elements of {@code w}, then those of {@code b}. */
  static float[] values(Parameters parameters) {
    float[] values = new float[9];
    System.arraycopy(parameters.get("w").toFloats(), 0, values, 0, 6);
    System.arraycopy(parameters.get("b").toFloats(), 0, values, 6, 3);
    return values;
  }
}
