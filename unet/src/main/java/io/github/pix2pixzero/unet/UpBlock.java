package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.ResnetBlock2D;
import io.github.pix2pixzero.tensor.nn.Upsample2D;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.unet.AttentionSite.Stage;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * One resolution of the upward arm: {@code CrossAttnUpBlock2D}, or {@code UpBlock2D} without
 * attention.
 */
final class UpBlock {
  private final List<ResnetBlock2D> resnets = new ArrayList<>();
  private final List<Transformer2D> attentions = new ArrayList<>();
  private final Upsample2D upsampler;

  /**
   * @param index position on the upward arm, 0 the coarsest
   */
  UpBlock(Weights weights, UNetConfig config, int index, Consumer<AttentionSite> sites) {
    int level = config.blocks() - 1 - index;
    int layers = config.layersPerBlock() + 1;
    int out = config.blockChannels().get(level);
    int below = config.blockChannels().get(Math.min(level + 1, config.blocks() - 1));
    int above = config.blockChannels().get(Math.max(level - 1, 0));
    for (int i = 0; i < layers; i++) {
      int skip = i == layers - 1 ? above : out;
      resnets.add(
          new ResnetBlock2D(
              weights.at("resnets").at(i),
              (i == 0 ? below : out) + skip,
              out,
              config.timeWidth(),
              config.normGroups(),
              config.normEpsilon()));
      if (config.upAttention().get(index)) {
        attentions.add(
            new Transformer2D(
                weights.at("attentions").at(i),
                config,
                UNet2DConditionModel.siteName(Stage.UP, index, i),
                Stage.UP,
                level,
                sites));
      }
    }
    upsampler = level > 0 ? Upsample2D.load(weights.at("upsamplers").at(0), out) : null;
  }

  /** Pops what it joins with from {@code skips}. */
  Tensor forward(Tensor x, Conditions conditions, Deque<Tensor> skips) {
    for (int i = 0; i < resnets.size(); i++) {
      try (Scope scope = Scope.local()) {
        Tensor joined = Tensor.concat(-1, x, skips.pop());
        x = scope.keep(resnets.get(i).forward(joined, conditions.time()));
      }
      if (!attentions.isEmpty()) {
        x = attentions.get(i).forward(x, conditions);
      }
    }
    return upsampler == null ? x : upsampler.forward(x);
  }
}
