package io.github.pix2pixzero.vae;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.ResnetBlock2D;
import io.github.pix2pixzero.tensor.nn.Upsample2D;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/** One level of the decoder: residual blocks, then an upsampling unless it is the finest. */
final class UpDecoderBlock2D {
  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final Upsample2D upsampler;

  UpDecoderBlock2D(Weights weights, int in, int out, int layers, int groups, boolean twice) {
    for (int i = 0; i < layers; i++) {
      resnets.add(
          new ResnetBlock2D(
              weights.at("resnets").at(i),
              i == 0 ? in : out,
              out,
              0,
              groups,
              AutoencoderKL.EPSILON));
    }
    upsampler = twice ? Upsample2D.load(weights.at("upsamplers").at(0), out) : null;
  }

  /** [batch, height, width, in] to [batch, height, width, out], or twice that size. */
  Tensor forward(Tensor x) {
    try (Scope scope = Scope.local()) {
      Tensor h = resnets.get(0).forward(x);
      for (ResnetBlock2D resnet : resnets.subList(1, resnets.size())) {
        h = Scope.through(h, resnet::forward);
      }
      return scope.keep(upsampler == null ? h : Scope.through(h, upsampler::forward));
    }
  }
}
