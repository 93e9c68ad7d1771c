package io.github.pix2pixzero.vae;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.tensor.Cancellation;
import io.github.pix2pixzero.tensor.Recompute;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Conv2d;
import io.github.pix2pixzero.tensor.nn.GroupNorm;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/** Image to the moments of the latent, level by level down to the coarsest. */
final class Encoder {
  private final Conv2d convIn;
  private final List<DownEncoderBlock2D> downBlocks = new ArrayList<>();
  private final MidBlock2D midBlock;
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  Encoder(Weights weights, VaeConfig config) {
    List<Integer> widths = config.blockOutChannels();
    int levels = widths.size();
    int width = widths.get(0);
    convIn = Conv2d.load(weights.at("conv_in"), config.inChannels(), width);
    for (int i = 0; i < levels; i++) {
      int out = widths.get(i);
      boolean halve = i < levels - 1;
      downBlocks.add(
          new DownEncoderBlock2D(
              weights.at("down_blocks").at(i),
              width,
              out,
              config.layersPerBlock(),
              config.normNumGroups(),
              halve));
      width = out;
    }
    midBlock = new MidBlock2D(weights.at("mid_block"), width, config);
    convNormOut =
        GroupNorm.load(
            weights.at("conv_norm_out"), width, config.normNumGroups(), AutoencoderKL.EPSILON);
    convOut = Conv2d.load(weights.at("conv_out"), width, 2 * config.latentChannels());
  }

  /**
   * What comes into the first level and what leaves the first ones. Of their insides nothing is
   * kept for the backward pass, which makes them again.
   */
  ImmutableList<Tensor> features(Tensor image, int levels) {
    ImmutableList.Builder<Tensor> features = ImmutableList.builder();
    Tensor x = convIn.forward(image);
    features.add(x);
    for (DownEncoderBlock2D block : downBlocks.subList(0, levels)) {
      x = Recompute.of(block::forward, x);
      features.add(x);
    }
    return features.build();
  }

  /**
   * @param image [batch, height, width, inChannels]
   * @return [batch, height / factor, width / factor, 2 · latentChannels], means before the
   *     logarithms of variances
   */
  Tensor forward(Tensor image) {
    Cancellation.check();
    try (Scope scope = Scope.local()) {
      Tensor x = convIn.forward(image);
      for (DownEncoderBlock2D block : downBlocks) {
        x = Scope.through(x, block::forward);
      }
      x = midBlock.forward(x);
      return scope.keep(convOut.forward(convNormOut.silu(x)));
    }
  }
}
