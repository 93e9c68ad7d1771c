package io.github.pix2pixzero.benchmarks.libtorch;

import io.github.pix2pixzero.benchmarks.Contender;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's attention: {@code scaled_dot_product_attention}, or in the open {@code softmax(q · kᵀ)
 * · v}, as its fused form has no probabilities to keep. Operands and result are [1, tokens, heads ·
 * headDim], as between the linear layers of diffusers.
 */
public final class TorchAttention {

  private TorchAttention() {}

  /**
   * @param open keep the probabilities
   * @param backward compute the gradients with respect to queries, keys and values
   */
  public static Contender of(
      int queries, int keys, int heads, int headDim, boolean open, boolean backward, int threads) {
    Libtorch.loopThreads(threads);
    int width = heads * headDim;
    Tensor q = Torch.normal(1, 1, queries, width).set_requires_grad(backward);
    Tensor k = Torch.normal(2, 1, keys, width).set_requires_grad(backward);
    Tensor v = Torch.normal(3, 1, keys, width).set_requires_grad(backward);
    Tensor weights = Torch.normal(4, 1, queries, width);
    Function<Tensor, Tensor> split = x -> x.view(1, x.size(1), heads, headDim).transpose(1, 2);
    if (!backward) {
      return Torch.of(() -> attend(split.apply(q), split.apply(k), split.apply(v), open));
    }
    return new Torch(
        () -> {
          Tensor out = attend(split.apply(q), split.apply(k), split.apply(v), open);
          TensorVector gradients =
              torch.grad(new TensorVector(out.mul(weights).sum()), new TensorVector(q, k, v));
          return gradients.get();
        },
        Function.identity());
  }

  /** [1, heads, tokens, headDim] each, to [1, tokens, heads · headDim]. */
  private static Tensor attend(Tensor q, Tensor k, Tensor v, boolean open) {
    Tensor out =
        open
            ? torch
                .softmax(
                    q.mul(new Scalar(1 / Math.sqrt((double) q.size(3))))
                        .matmul(k.transpose(-2, -1)),
                    -1)
                .matmul(v)
            : torch.scaled_dot_product_attention(q, k, v);
    return out.transpose(1, 2).reshape(1, q.size(2), q.size(1) * q.size(3));
  }
}
