package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.LeakyRelu;

/**
 * What follows a layer. A leaky ReLU keeps a positive factor, so the gain that follows it, √2 as a
 * rule, is multiplied into the layer's weight and bias beforehand, at no cost.
 *
 * @param leaky whether a leaky ReLU of slope {@value #SLOPE} follows
 * @param gain a factor of the layer's output
 */
record Activation(boolean leaky, double gain) {
  static final float SLOPE = 0.2f;

  /** Keeps the variance of what passes. */
  static final Activation LEAKY = new Activation(true, Math.sqrt(2));

  static final Activation NONE = new Activation(false, 1);

  /** The same, divided by √2, for each of two summands. */
  Activation halved() {
    return new Activation(leaky, gain / Math.sqrt(2));
  }

  /** Of what a layer has made, in whose place it may come. */
  Tensor of(Tensor made) {
    return leaky ? LeakyRelu.over(made, SLOPE) : made;
  }
}
