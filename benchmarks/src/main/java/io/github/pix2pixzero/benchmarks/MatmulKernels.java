package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.benchmarks.libtorch.TorchMatmul;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * Matrix products m × k × n. The right factor of a frozen one is a model's weight, which our
 * backend rearranges once; otherwise each call does, as a peer's does.
 */
final class MatmulKernels {
  private static final double REACH = 1.15;
  private static final String SQUARE = "2048x2048x2048";

  /**
   * Square, layers of Stable Diffusion 1.x at 512 × 512, of its text encoder and of the toy model.
   */
  private static final List<String> SIZES =
      List.of(
          SQUARE,
          "4096x320x320",
          "4096x320x2560",
          "4096x1280x320",
          "1024x640x640",
          "1024x640x5120",
          "256x1280x1280",
          "77x768x320",
          "77x768x3072",
          "64x128x512",
          "256x64x64");

  private static final List<String> PLAIN_SIZES = List.of(SQUARE, "4096x320x2560", "77x768x320");

  private MatmulKernels() {}

  static Stream<Kernel> all() {
    return Stream.concat(
        SIZES.stream().flatMap(size -> Stream.of(kernel(size, false), kernel(size, true))),
        PLAIN_SIZES.stream().map(size -> Kernel.plain(kernel(size, false))));
  }

  private static Kernel kernel(String size, boolean frozen) {
    int[] extents = Sizes.parse(size, 3);
    int m = extents[0];
    int k = extents[1];
    int n = extents[2];
    ImmutableMap.Builder<String, IntFunction<Contender>> peers =
        ImmutableMap.<String, IntFunction<Contender>>builder()
            .put("libtorch", threads -> TorchMatmul.of(m, k, n, threads));
    if (size.equals(SQUARE) && !frozen) {
      peers.put("EJML", threads -> new EjmlMatmul(m, k, n, threads));
    }
    return new Kernel(
        "matmul " + size + (frozen ? " frozen" : ""),
        REACH,
        2e-9 * m * k * n,
        backend -> ours(size, frozen, backend),
        peers.buildOrThrow());
  }

  private static Contender ours(String size, boolean frozen, Backend backend) {
    int[] extents = Sizes.parse(size, 3);
    int m = extents[0];
    int k = extents[1];
    int n = extents[2];
    Tensor a = Ours.normal(backend, 1, m, k);
    Tensor b = frozen ? Ours.weight(backend, 2, k, n) : Ours.normal(backend, 2, k, n);
    Tensor out = Tensor.zeros(backend, m, n);
    MatmulSpec spec = MatmulSpec.of(m, n, k);
    return Ours.of(
        () -> {
          backend.matmul(spec, a.storage(), b.storage(), null, out.storage());
          return out;
        });
  }
}
