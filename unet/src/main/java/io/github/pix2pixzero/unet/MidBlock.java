package io.github.pix2pixzero.unet;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.ResnetBlock2D;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.unet.AttentionSite.Stage;
import java.util.function.Consumer;

/** The bottom of the U: {@code UNetMidBlock2DCrossAttn}. */
final class MidBlock {
  private final ResnetBlock2D before;
  private final Transformer2D attention;
  private final ResnetBlock2D after;

  MidBlock(Weights weights, UNetConfig config, Consumer<AttentionSite> sites) {
    int level = config.blocks() - 1;
    before = resnet(weights.at("resnets").at(0), config);
    attention =
        new Transformer2D(
            weights.at("attentions").at(0),
            config,
            UNet2DConditionModel.siteName(Stage.MID, 0, 0),
            Stage.MID,
            level,
            sites);
    after = resnet(weights.at("resnets").at(1), config);
  }

  private static ResnetBlock2D resnet(Weights weights, UNetConfig config) {
    int channels = config.blockChannels().get(config.blocks() - 1);
    return new ResnetBlock2D(
        weights, channels, channels, config.timeWidth(), config.normGroups(), config.normEpsilon());
  }

  Tensor forward(Tensor x, Conditions conditions) {
    x = before.forward(x, conditions.time());
    x = attention.forward(x, conditions);
    return after.forward(x, conditions.time());
  }
}
