package io.github.pix2pixzero.vae;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.ResnetBlock2D;
import io.github.pix2pixzero.tensor.nn.Weights;

/** The coarsest level's middle: a residual block, attention over the pixels, a residual block. */
final class MidBlock2D {
  private final ResnetBlock2D first;
  private final PixelAttention attention;
  private final ResnetBlock2D second;

  MidBlock2D(Weights weights, int width, VaeConfig config) {
    first = resnet(weights, 0, width, config);
    attention =
        config.midBlockAddAttention()
            ? new PixelAttention(weights.at("attentions").at(0), width, config.normNumGroups())
            : null;
    second = resnet(weights, 1, width, config);
  }

  private static ResnetBlock2D resnet(Weights weights, int index, int width, VaeConfig config) {
    return new ResnetBlock2D(
        weights.at("resnets").at(index),
        width,
        width,
        0,
        config.normNumGroups(),
        AutoencoderKL.EPSILON);
  }

  /** [batch, height, width, channels] to the same. */
  Tensor forward(Tensor x) {
    try (Scope scope = Scope.local()) {
      x = first.forward(x);
      if (attention != null) {
        x = attention.forward(x);
      }
      return scope.keep(second.forward(x));
    }
  }
}
