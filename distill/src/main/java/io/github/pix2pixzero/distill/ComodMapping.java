package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/** Styles of chance: normalised numbers through dense layers (Karras et al., 2019). */
final class ComodMapping {
  private static final float EPSILON = 1e-8f;

  private final List<Dense> layers = new ArrayList<>();

  ComodMapping(Weights weights, ComodConfig.Mapping config) {
    int in = config.inputs();
    for (int i = 0; i < config.layers(); i++) {
      layers.add(new Dense(weights.at(i), in, config.width(), config.rate(), 0, Activation.LEAKY));
      in = config.width();
    }
  }

  /** Normal numbers [batch, inputs] to a style [batch, width]. */
  Tensor forward(Tensor z) {
    Tensor x = z.mul(z.square().mean(1).add(EPSILON).rsqrt());
    for (Dense layer : layers) {
      x = layer.forward(x);
    }
    return x;
  }
}
