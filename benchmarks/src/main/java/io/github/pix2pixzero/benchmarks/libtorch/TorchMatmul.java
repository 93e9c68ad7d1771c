package io.github.pix2pixzero.benchmarks.libtorch;

import io.github.pix2pixzero.benchmarks.Contender;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** libtorch's matrix product into a result that is there already. */
public final class TorchMatmul {

  private TorchMatmul() {}

  public static Contender of(int m, int k, int n, int threads) {
    Libtorch.productThreads(threads);
    Tensor a = Torch.normal(1, m, k);
    Tensor b = Torch.normal(2, k, n);
    Tensor out = Torch.tensor(new float[m * n], m, n);
    return Torch.of(
        () -> {
          torch.mm_out(out, a, b).close();
          return out;
        });
  }
}
