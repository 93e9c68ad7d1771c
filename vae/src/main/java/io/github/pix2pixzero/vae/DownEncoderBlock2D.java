package io.github.pix2pixzero.vae;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Downsample2D;
import io.github.pix2pixzero.tensor.nn.ResnetBlock2D;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import java.util.ArrayList;
import java.util.List;

/** One level of the encoder: residual blocks, then a downsampling unless it is the coarsest. */
final class DownEncoderBlock2D {
  /** Unlike the U-Net, the autoencoder was trained with a pixel of zeros at two sides only. */
  private static final Padding BOTTOM_RIGHT = new Padding(0, 0, 1, 1);

  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final Downsample2D downsampler;

  DownEncoderBlock2D(Weights weights, int in, int out, int layers, int groups, boolean halve) {
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
    downsampler =
        halve ? Downsample2D.load(weights.at("downsamplers").at(0), out, BOTTOM_RIGHT) : null;
  }

  /** [batch, height, width, in] to [batch, height, width, out], or half of that size. */
  Tensor forward(Tensor x) {
    try (Scope scope = Scope.local()) {
      Tensor h = resnets.get(0).forward(x);
      for (ResnetBlock2D resnet : resnets.subList(1, resnets.size())) {
        h = Scope.through(h, resnet::forward);
      }
      return scope.keep(downsampler == null ? h : Scope.through(h, downsampler::forward));
    }
  }
}
