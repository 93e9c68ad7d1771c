package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.util.List;

/**
 * Stochastic gradient descent. For gradient g, parameter p, momentum b and learning rate η:
 *
 * <pre>{@code
 * g = g + weightDecay · p
 * b = momentum · b + g
 * p = p - η · (nesterov ? g + momentum · b : b)
 * }</pre>
 *
 * <p>Agrees with {@code torch.optim.SGD} without dampening.
 */
public final class Sgd extends Optimizer {

  /**
   * @param momentum what a step keeps of the sum of those before; 0 for none, which takes no memory
   * @param weightDecay the share of a parameter that is added to its gradient
   * @param nesterov whether to look a step ahead (Sutskever et al., 2013); needs momentum
   */
  public record Options(double momentum, double weightDecay, boolean nesterov) {
    /** Checks the ranges. */
    public Options {
      checkArgument(momentum >= 0 && momentum < 1, "momentum is in [0, 1), got %s", momentum);
      checkArgument(weightDecay >= 0, "weightDecay is at least 0, got %s", weightDecay);
      checkArgument(!nesterov || momentum > 0, "nesterov needs a momentum above 0");
    }

    /** Neither momentum nor decay. */
    public static Options plain() {
      return new Options(0, 0, false);
    }
  }

  private final Options options;
  private final List<Tensor> momenta;

  public Sgd(Parameters parameters, LearningRate rate, Options options) {
    super(parameters, rate);
    this.options = options;
    this.momenta = options.momentum() > 0 ? zeros("momentum") : List.of();
  }

  @Override
  void update(int index, double learningRate, Tensor gradient, Tensor parameter) {
    Backend backend = parameter.backend();
    int size = parameter.size();
    float rate = (float) -learningRate;
    float decay = (float) options.weightDecay();
    float momentum = (float) options.momentum();
    if (momenta.isEmpty()) {
      // Same as adding the decay to the gradient first, in one pass.
      backend.axpby(size, rate, gradient.storage(), 1 + rate * decay, parameter.storage());
      return;
    }
    try (Scope temporaries = Scope.local()) {
      Tensor momentumNow = momenta.get(index);
      Tensor decayed = gradient;
      if (decay > 0) {
        decayed = Tensor.empty(backend, Shape.of(size));
        backend.affine(size, gradient.storage(), 1f, 0f, decayed.storage());
        backend.axpby(size, decay, parameter.storage(), 1f, decayed.storage());
      }
      backend.axpby(size, 1f, decayed.storage(), momentum, momentumNow.storage());
      backend.axpby(
          size,
          options.nesterov() ? rate * momentum : rate,
          momentumNow.storage(),
          1f,
          parameter.storage());
      if (options.nesterov()) {
        backend.axpby(size, rate, decayed.storage(), 1f, parameter.storage());
      }
    }
  }
}
