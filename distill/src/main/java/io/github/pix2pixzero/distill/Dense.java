package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Initializer;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Matmul;

/** A linear layer of equalised learning rate: weight times rate / √in, bias times rate. */
final class Dense {
  private final Equalized weight;
  private final Equalized bias;
  private final Activation activation;

  /**
   * @param rate the layer's share of the learning rate
   * @param biasStart what the bias starts with, as it is used
   */
  Dense(Weights weights, int in, int out, double rate, double biasStart, Activation activation) {
    Weights started = weights.starting(Initializer.equalized(rate));
    double gain = rate * activation.gain();
    weight = new Equalized(started.linear("weight", in, out), gain / Math.sqrt(in));
    Initializer start = Initializer.constant((float) (biasStart / rate));
    bias = new Equalized(started.tensor("bias", start, out), gain);
    this.activation = activation;
  }

  Dense(Weights weights, int in, int out, Activation activation) {
    this(weights, in, out, 1, 0, activation);
  }

  /** [batch, in] to [batch, out]. */
  Tensor forward(Tensor x) {
    return activation.of(Matmul.linear(x, weight.used(), bias.used()));
  }
}
