package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.benchmarks.libtorch.TorchAttention;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.ops.Attention;
import io.github.pix2pixzero.tensor.ops.AttentionApply;
import io.github.pix2pixzero.tensor.ops.AttentionProbs;
import java.util.stream.Stream;

/**
 * Attention at the finest resolution of Stable Diffusion at 512 × 512: 4096 queries, 8 heads of
 * width 40. The backward pass is of the inner product of the result with given weights, with
 * respect to queries, keys and values.
 */
final class AttentionKernels {
  private static final double REACH = 1.0;

  /** Other numbers serve to see the rows run on the emulated driver. */
  private static final int QUERIES = Integer.getInteger("benchmark.queries", 4096);

  private static final int TOKENS = 77;
  private static final int HEADS = 8;
  private static final int WIDTH = HEADS * 40;

  private AttentionKernels() {}

  static Stream<Kernel> all() {
    return Stream.of(
        kernel(false, false), kernel(false, true), kernel(true, false), kernel(true, true));
  }

  /**
   * @param cross to the text, with the probabilities kept; else to the picture itself, fused
   */
  private static Kernel kernel(boolean cross, boolean backward) {
    int keys = cross ? TOKENS : QUERIES;
    double products = 4e-9 * QUERIES * keys * WIDTH;
    return new Kernel(
        (cross ? "cross" : "self")
            + "-attention %sx%s 8x40 forward".formatted(QUERIES, keys)
            + (backward ? " + backward" : ""),
        REACH,
        products * (backward ? 3 : 1),
        backend -> ours(backend, keys, cross, backward),
        ImmutableMap.of(
            "libtorch",
            threads ->
                TorchAttention.of(QUERIES, keys, HEADS, WIDTH / HEADS, cross, backward, threads)));
  }

  private static Contender ours(Backend backend, int keys, boolean cross, boolean backward) {
    Tensor q = Ours.normal(backend, 1, 1, QUERIES, WIDTH);
    Tensor k = Ours.normal(backend, 2, 1, keys, WIDTH);
    Tensor v = Ours.normal(backend, 3, 1, keys, WIDTH);
    Tensor weights = Ours.normal(backend, 4, 1, QUERIES, WIDTH);
    if (!backward) {
      return Ours.of(() -> attend(q, k, v, cross));
    }
    return new Ours(
        () -> {
          Tensor[] graph = {q.variable(), k.variable(), v.variable()};
          Tensor out = attend(graph[0], graph[1], graph[2], cross);
          return Autograd.grad(out.mul(weights).sum(), graph);
        });
  }

  private static Tensor attend(Tensor q, Tensor k, Tensor v, boolean cross) {
    return cross
        ? AttentionApply.of(AttentionProbs.of(q, k, HEADS), v)
        : Attention.of(q, k, v, HEADS, false);
  }
}
