package io.github.pix2pixzero.tensor.optim;

import static com.google.common.base.Preconditions.checkArgument;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.AdamSpec;
import java.util.List;

/**
 * Adam (Kingma and Ba, 2015) with bias correction; weight decay is added to the gradient. Agrees
 * with {@code torch.optim.Adam}.
 */
public class Adam extends Optimizer {

  /**
   * @param beta1 what a step keeps of the mean gradient
   * @param beta2 what a step keeps of the mean squared gradient
   * @param epsilon what is added to the root of the mean square
   * @param weightDecay the share of a parameter by which it decays
   */
  public record Options(double beta1, double beta2, double epsilon, double weightDecay) {
    /** Checks the ranges. */
    public Options {
      checkArgument(beta1 >= 0 && beta1 < 1, "beta1 is in [0, 1), got %s", beta1);
      checkArgument(beta2 >= 0 && beta2 < 1, "beta2 is in [0, 1), got %s", beta2);
      checkArgument(epsilon >= 0, "epsilon is at least 0, got %s", epsilon);
      checkArgument(weightDecay >= 0, "weightDecay is at least 0, got %s", weightDecay);
    }

    /** β = (0.9, 0.999), ε = 1e-8, no decay, as {@code torch.optim.Adam} has it. */
    public static Options defaults() {
      return new Options(0.9, 0.999, 1e-8, 0);
    }
  }

  private final Options options;
  private final boolean decoupled;
  private final List<Tensor> means;
  private final List<Tensor> squares;

  public Adam(Parameters parameters, LearningRate rate, Options options) {
    this(parameters, rate, options, false);
  }

  Adam(Parameters parameters, LearningRate rate, Options options, boolean decoupled) {
    super(parameters, rate);
    this.options = options;
    this.decoupled = decoupled;
    this.means = zeros("mean");
    this.squares = zeros("square");
  }

  @Override
  final void update(int index, double learningRate, Tensor gradient, Tensor parameter) {
    double decay = options.weightDecay();
    double meanBias = 1 - Math.pow(options.beta1(), (double) steps());
    double squareBias = 1 - Math.pow(options.beta2(), (double) steps());
    AdamSpec spec =
        new AdamSpec(
            parameter.size(),
            (float) (decoupled ? 0 : decay),
            (float) (decoupled ? 1 - learningRate * decay : 1),
            (float) (1 - options.beta1()),
            (float) (1 - options.beta2()),
            (float) (learningRate / meanBias),
            (float) (1 / Math.sqrt(squareBias)),
            (float) options.epsilon());
    parameter
        .backend()
        .adam(
            spec,
            gradient.storage(),
            parameter.storage(),
            means.get(index).storage(),
            squares.get(index).storage());
  }
}
