package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;

/**
 * The decoder: from the global code to colours, adding the encoder's features at each size, and the
 * colours of each size to those of the one before.
 */
final class ComodSynthesis {
  private final ComodConfig config;
  private final Blur blur;
  private final Remembering remembering;
  private final Dense dense;
  private final Map<Integer, ModulatedConv> ups = new HashMap<>();
  private final Map<Integer, ModulatedConv> convs = new HashMap<>();
  private final Map<Integer, ToRgb> colours = new HashMap<>();

  ComodSynthesis(Weights weights, ComodConfig config, Blur blur, Remembering remembering) {
    this.config = config;
    this.blur = blur;
    this.remembering = remembering;
    int styles = config.styleWidth();
    boolean noisy = config.mapping() != null;
    for (int size = ComodConfig.SMALLEST; size <= config.resolution(); size *= 2) {
      Weights level = weights.at(size);
      int channels = config.channelsAt(size);
      if (size > ComodConfig.SMALLEST) {
        int below = config.channelsAt(size / 2);
        ups.put(size, new ModulatedConv(level.at("up"), below, channels, styles, noisy, blur));
      }
      convs.put(size, new ModulatedConv(level.at("conv"), channels, channels, styles, noisy, null));
      colours.put(size, new ToRgb(level.at("rgb"), channels, config.head().channels(), styles));
    }
    dense =
        new Dense(
            weights.at(ComodConfig.SMALLEST).at("dense"),
            config.globalWidth(),
            Flat.size(config),
            Activation.LEAKY);
  }

  /**
   * @param code the global code, after dropout
   * @param seen told of the features at each size
   * @return [batch, resolution, resolution, channels of the head]
   */
  Tensor forward(
      Tensor code, Map<Integer, Tensor> features, Chance chance, BiConsumer<Integer, Tensor> seen) {
    IntFunction<Tensor> style =
        layer ->
            chance.styles().isEmpty() ? code : Tensor.concat(1, chance.styles().get(layer), code);
    Map<String, Tensor> noise = chance.noise();
    int size = ComodConfig.SMALLEST;
    Tensor x = Flat.unfold(dense.forward(code)).add(features.get(size));
    x = convs.get(size).forward(x, style.apply(0), noise.get(size + ".conv"));
    seen.accept(size, x);
    Tensor styleOfColours = style.apply(1);
    Tensor out = colours.get(size).forward(x, styleOfColours);
    int layer = 2;
    for (size *= 2; size <= config.resolution(); size *= 2) {
      ModulatedConv up = ups.get(size);
      ModulatedConv conv = convs.get(size);
      Tensor noiseOfUp = noise.get(size + ".up");
      Tensor noiseOfConv = noise.get(size + ".conv");
      x =
          remembering.level(
              inputs ->
                  conv.forward(
                      up.forward(inputs[0], inputs[2], noiseOfUp).add(inputs[1]),
                      inputs[3],
                      noiseOfConv),
              x,
              features.get(size),
              styleOfColours,
              style.apply(layer));
      seen.accept(size, x);
      styleOfColours = style.apply(layer + 1);
      out = blur.up(out).add(colours.get(size).forward(x, styleOfColours));
      layer += 2;
    }
    return out;
  }
}
