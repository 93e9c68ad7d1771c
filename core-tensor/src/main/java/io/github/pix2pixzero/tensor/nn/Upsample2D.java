package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.UpsampleNearest;

/** Doubles a picture by repeating pixels, then convolves, as in diffusers' {@code Upsample2D}. */
public record Upsample2D(Conv2d conv) {

  public static Upsample2D load(Weights weights, int channels) {
    return new Upsample2D(Conv2d.load(weights.at("conv"), channels, channels));
  }

  /** [batch, height, width, channels] to [batch, 2 · height, 2 · width, channels]. */
  public Tensor forward(Tensor x) {
    try (Scope scope = Scope.local()) {
      return scope.keep(conv.forward(UpsampleNearest.of(x, 2)));
    }
  }
}
