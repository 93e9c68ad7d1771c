package io.github.pix2pixzero.vae;

import com.google.common.collect.Lists;
import io.github.pix2pixzero.tensor.Cancellation;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.nn.Conv2d;
import io.github.pix2pixzero.tensor.nn.GroupNorm;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/** Latent to image, level by level up to full resolution. */
final class Decoder {
  private final Conv2d convIn;
  private final MidBlock2D midBlock;
  private final List<UpDecoderBlock2D> upBlocks = new ArrayList<>();
  private final GroupNorm convNormOut;
  private final Conv2d convOut;

  Decoder(Weights weights, VaeConfig config) {
    List<Integer> widths = Lists.reverse(config.blockOutChannels());
    int levels = widths.size();
    int width = widths.get(0);
    convIn = Conv2d.load(weights.at("conv_in"), config.latentChannels(), width);
    midBlock = new MidBlock2D(weights.at("mid_block"), width, config);
    for (int i = 0; i < levels; i++) {
      int out = widths.get(i);
      boolean twice = i < levels - 1;
      upBlocks.add(
          new UpDecoderBlock2D(
              weights.at("up_blocks").at(i),
              width,
              out,
              config.layersPerBlock() + 1,
              config.normNumGroups(),
              twice));
      width = out;
    }
    convNormOut =
        GroupNorm.load(
            weights.at("conv_norm_out"), width, config.normNumGroups(), AutoencoderKL.EPSILON);
    convOut = Conv2d.load(weights.at("conv_out"), width, config.outChannels());
  }

  /**
   * @param latent [batch, height, width, latentChannels]
   * @return [batch, height · factor, width · factor, outChannels]
   */
  Tensor forward(Tensor latent) {
    Cancellation.check();
    try (Scope scope = Scope.local()) {
      Tensor x = midBlock.forward(convIn.forward(latent));
      for (UpDecoderBlock2D block : upBlocks) {
        x = Scope.through(x, block::forward);
      }
      return scope.keep(Scope.through(Scope.through(x, convNormOut::silu), convOut::forward));
    }
  }
}
