package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Downsample2D;
import io.github.pix2pixzero.tensor.nn.ResnetBlock2D;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.unet.AttentionSite.Stage;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * One resolution of the downward arm: {@code CrossAttnDownBlock2D}, or {@code DownBlock2D} without
 * attention.
 */
final class DownBlock {
  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final List<Transformer2D> attentions = new ArrayList<>();
  private final Downsample2D downsampler;

  DownBlock(Weights weights, UNetConfig config, int level, Consumer<AttentionSite> sites) {
    int out = config.blockChannels().get(level);
    int in = level == 0 ? out : config.blockChannels().get(level - 1);
    for (int i = 0; i < config.layersPerBlock(); i++) {
      resnets.add(
          new ResnetBlock2D(
              weights.at("resnets").at(i),
              i == 0 ? in : out,
              out,
              config.timeWidth(),
              config.normGroups(),
              config.normEpsilon()));
      if (config.downAttention().get(level)) {
        attentions.add(
            new Transformer2D(
                weights.at("attentions").at(i),
                config,
                UNet2DConditionModel.siteName(Stage.DOWN, level, i),
                Stage.DOWN,
                level,
                sites));
      }
    }
    downsampler =
        level < config.blocks() - 1
            ? Downsample2D.load(weights.at("downsamplers").at(0), out, Padding.all(1))
            : null;
  }

  /** Pushes every intermediate picture onto {@code skips}, for the upward arm. */
  Tensor forward(Tensor x, Conditions conditions, Deque<Tensor> skips) {
    for (int i = 0; i < resnets.size(); i++) {
      x = resnets.get(i).forward(x, conditions.time());
      if (!attentions.isEmpty()) {
        x = attentions.get(i).forward(x, conditions);
      }
      skips.push(x);
    }
    if (downsampler != null) {
      x = downsampler.forward(x);
      skips.push(x);
    }
    return x;
  }
}
