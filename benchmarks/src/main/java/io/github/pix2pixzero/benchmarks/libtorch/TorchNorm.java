package io.github.pix2pixzero.benchmarks.libtorch;

import io.github.pix2pixzero.benchmarks.Contender;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's normalisations and activations. A backward pass is that with respect to the input
 * alone, of a graph that is kept.
 */
public final class TorchNorm {

  private TorchNorm() {}

  /** Group normalisation and SiLU of one square picture, in libtorch's channels-first layout. */
  public static Contender groupNorm(
      int size, int channels, int groups, float epsilon, boolean backward, int threads) {
    Libtorch.loopThreads(threads);
    Tensor x = channelsFirst(1, size, channels);
    Tensor gradOut = channelsFirst(4, size, channels);
    TensorOptional gamma = new TensorOptional(Torch.normal(2, channels));
    TensorOptional beta = new TensorOptional(Torch.normal(3, channels));
    Torch computation =
        of(
            input ->
                backward
                    ? torch.silu(torch.group_norm(input, groups, gamma, beta, epsilon, false))
                    : torch.silu_(torch.group_norm(input, groups, gamma, beta, epsilon, false)),
            x,
            gradOut,
            backward);
    return new Torch(computation.computation(), y -> y.permute(0, 2, 3, 1));
  }

  public static Contender layerNorm(
      int rows, int width, float epsilon, boolean backward, int threads) {
    Libtorch.loopThreads(threads);
    TensorOptional gamma = new TensorOptional(Torch.normal(2, width));
    TensorOptional beta = new TensorOptional(Torch.normal(3, width));
    long[] normalized = {width};
    return of(
        input -> torch.layer_norm(input, normalized, gamma, beta, epsilon, false),
        Torch.normal(1, rows, width),
        Torch.normal(4, rows, width),
        backward);
  }

  /** As diffusers computes it: the first half times GELU of the second. */
  public static Contender geglu(int rows, int width, boolean backward, int threads) {
    Libtorch.loopThreads(threads);
    return of(
        input -> {
          TensorVector halves = input.chunk(2, -1);
          return halves.get(0).mul(torch.gelu(halves.get(1)));
        },
        Torch.normal(1, rows, 2 * width),
        Torch.normal(4, rows, width),
        backward);
  }

  public static Contender softmax(int rows, int width, boolean backward, int threads) {
    Libtorch.loopThreads(threads);
    return of(
        input -> torch.softmax(input, -1),
        Torch.normal(1, rows, width),
        Torch.normal(4, rows, width),
        backward);
  }

  private static Torch of(UnaryOperator<Tensor> f, Tensor x, Tensor gradOut, boolean backward) {
    if (!backward) {
      return Torch.of(() -> f.apply(x));
    }
    Tensor input = x.set_requires_grad(true);
    Tensor output = f.apply(input);
    return Torch.of(() -> Torch.gradient(output, input, gradOut));
  }

  private static Tensor channelsFirst(long seed, int size, int channels) {
    return Torch.normal(seed, 1, size, size, channels).permute(0, 3, 1, 2).contiguous();
  }
}
