package io.github.pix2pixzero.tensor.nn;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;

/** Halves a picture by a 3×3 convolution of stride 2, as in diffusers' {@code Downsample2D}. */
public record Downsample2D(Conv2d conv) {

  public static Downsample2D load(Weights weights, int channels, Padding padding) {
    return new Downsample2D(Conv2d.load(weights.at("conv"), channels, channels, 3, 2, padding));
  }

  public Tensor forward(Tensor x) {
    return conv.forward(x);
  }
}
