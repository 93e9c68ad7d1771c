package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.util.HashMap;
import java.util.Map;

/** The source's features at each size, and its global code. */
final class ComodEncoder {
  private final ComodConfig config;
  private final Remembering remembering;
  private final Conv rgb;
  private final Map<Integer, Conv> convs = new HashMap<>();
  private final Map<Integer, Conv> downs = new HashMap<>();
  private final Dense dense;

  /**
   * @param features by their size, [batch, size, size, channels]
   * @param code [batch, globalWidth]
   */
  record Encoded(Map<Integer, Tensor> features, Tensor code) {}

  ComodEncoder(Weights weights, ComodConfig config, Blur blur, Remembering remembering) {
    this.config = config;
    this.remembering = remembering;
    int finest = config.channelsAt(config.resolution());
    rgb = Conv.same(weights.at("rgb"), 3, finest, 1, Activation.LEAKY);
    for (int size = config.resolution(); size >= ComodConfig.SMALLEST; size /= 2) {
      int channels = config.channelsAt(size);
      Weights level = weights.at(size);
      convs.put(size, Conv.same(level.at("conv"), channels, channels, 3, Activation.LEAKY));
      if (size > ComodConfig.SMALLEST) {
        int below = config.channelsAt(size / 2);
        downs.put(size, Conv.down(level.at("down"), channels, below, blur, Activation.LEAKY));
      }
    }
    dense =
        new Dense(
            weights.at(ComodConfig.SMALLEST).at("dense"),
            Flat.size(config),
            config.globalWidth(),
            Activation.LEAKY);
  }

  Encoded forward(Tensor source) {
    Map<Integer, Tensor> features = new HashMap<>();
    Tensor x = remembering.level(inputs -> rgb.forward(inputs[0]), source);
    for (int size = config.resolution(); size > ComodConfig.SMALLEST; size /= 2) {
      Conv conv = convs.get(size);
      x = remembering.level(inputs -> conv.forward(inputs[0]), x);
      features.put(size, x);
      Conv down = downs.get(size);
      x = remembering.level(inputs -> down.forward(inputs[0]), x);
    }
    x = convs.get(ComodConfig.SMALLEST).forward(x);
    features.put(ComodConfig.SMALLEST, x);
    return new Encoded(features, dense.forward(Flat.of(x)));
  }
}
