package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.benchmarks.libtorch.TorchConv;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Conv2dSpec;
import io.github.pix2pixzero.tensor.ops.Conv2d;
import java.util.Arrays;
import java.util.stream.Stream;

/**
 * The 3 × 3 convolutions of Stable Diffusion's residual blocks at 512 × 512, one picture. Weights
 * are frozen. The better of libtorch's two layouts is what ours is held against.
 */
final class ConvKernels {
  private static final double REACH = 0.8;

  private ConvKernels() {}

  /**
   * A square picture and the channels before and after.
   *
   * @param size height and width
   */
  private record Layer(int in, int out, int size) {
    Conv2dSpec spec() {
      return new Conv2dSpec(1, size, size, in, out, 3, 1, 1, 1, 1, 1);
    }

    String label() {
      return (in == out ? "" + in : in + "-" + out) + "@" + size;
    }
  }

  static Stream<Kernel> all() {
    return Stream.of(
            new Layer(320, 320, 64),
            new Layer(640, 640, 32),
            new Layer(1280, 1280, 16),
            new Layer(1280, 1280, 8),
            new Layer(960, 320, 64))
        .flatMap(layer -> Arrays.stream(ConvPass.values()).map(pass -> kernel(layer, pass)));
  }

  private static Kernel kernel(Layer layer, ConvPass pass) {
    return new Kernel(
        "conv 3x3 " + layer.label() + " " + pass.label,
        REACH,
        2e-9 * 9 * layer.in * layer.out * layer.size * layer.size,
        backend -> ours(layer, pass, backend),
        ImmutableMap.of(
            "libtorch",
            threads -> TorchConv.of(layer.spec(), pass, false, threads),
            "libtorch channels-last",
            threads -> TorchConv.of(layer.spec(), pass, true, threads)));
  }

  private static Contender ours(Layer layer, ConvPass pass, Backend backend) {
    int size = layer.size;
    Conv2dSpec spec = layer.spec();
    Tensor x = Ours.normal(backend, 1, 1, size, size, layer.in);
    Tensor weight = Ours.weight(backend, 2, 3, 3, layer.in, layer.out);
    Tensor bias = Ours.weight(backend, 3, layer.out);
    Tensor gradOut = Ours.normal(backend, 4, 1, size, size, layer.out);
    return Ours.of(
        () -> {
          switch (pass) {
            case FORWARD:
              return Conv2d.of(x, weight, bias, 1, Conv2d.Padding.all(1));
            case INPUT_GRADIENT:
              Tensor gradX = Tensor.empty(backend, x.shape());
              backend.conv2dInputGradient(
                  spec, gradOut.storage(), weight.storage(), gradX.storage());
              return gradX;
            default:
              Tensor gradWeight = Tensor.empty(backend, weight.shape());
              backend.conv2dWeightGradient(
                  spec, x.storage(), gradOut.storage(), gradWeight.storage());
              return gradWeight;
          }
        });
  }
}
