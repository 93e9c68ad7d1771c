package io.github.pix2pixzero.benchmarks.libtorch;

import io.github.pix2pixzero.benchmarks.Contender;
import io.github.pix2pixzero.benchmarks.ConvPass;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** libtorch's 3 × 3 convolution with a border of one pixel. */
public final class TorchConv {
  private static final long[] ONE = {1, 1};

  private TorchConv() {}

  /**
   * @param channelsLast lay pictures and weights out with the channels last in memory, instead of
   *     libtorch's own [batch, channels, height, width]
   */
  public static Contender of(Conv2dSpec spec, ConvPass pass, boolean channelsLast, int threads) {
    Libtorch.productThreads(threads);
    torch.MemoryFormat layout =
        channelsLast ? torch.MemoryFormat.ChannelsLast : torch.MemoryFormat.Contiguous;
    int height = spec.height();
    int width = spec.width();
    int in = spec.inChannels();
    int out = spec.outChannels();
    Tensor x = Torch.normal(1, 1, height, width, in).permute(0, 3, 1, 2).contiguous(layout);
    Tensor weight = Torch.normal(2, 3, 3, in, out).permute(3, 2, 0, 1).contiguous(layout);
    Tensor bias = Torch.normal(3, out);
    Tensor gradOut = Torch.normal(4, 1, height, width, out).permute(0, 3, 1, 2).contiguous(layout);
    if (pass == ConvPass.FORWARD) {
      TensorOptional shift = new TensorOptional(bias);
      return new Torch(
          () -> new Tensor[] {torch.conv2d(x, weight, shift, ONE, ONE, ONE, 1)},
          result -> result.permute(0, 2, 3, 1));
    }
    boolean ofInput = pass == ConvPass.INPUT_GRADIENT;
    BoolPointer wanted = new BoolPointer(3).put(0, ofInput).put(1, !ofInput).put(2, false);
    LongArrayRefOptional noBias = new LongArrayRefOptional();
    return new Torch(
        () -> {
          var gradients =
              torch.convolution_backward(
                  gradOut, x, weight, noBias, ONE, ONE, ONE, false, new long[] {0, 0}, 1, wanted);
          return new Tensor[] {ofInput ? gradients.get0() : gradients.get1()};
        },
        result -> ofInput ? result.permute(0, 2, 3, 1) : result.permute(2, 3, 1, 0));
  }
}
