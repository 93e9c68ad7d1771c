package io.github.pix2pixzero.benchmarks.libtorch;

import io.github.pix2pixzero.benchmarks.MatmulProblem;
import java.util.concurrent.TimeUnit;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;

/** libtorch's matrix product. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class MatmulBenchmark extends MatmulProblem.Layers {
  private Tensor left;
  private Tensor right;
  private Tensor product;

  @Setup
  public void upload() {
    draw();
    Libtorch.productThreads(threads);
    left = Libtorch.tensor(a, m, k);
    right = Libtorch.tensor(b, k, n);
    product = Libtorch.tensor(new float[m * n], m, n);
    checkAgreement(Libtorch.toFloats(multiply()));
  }

  @Benchmark
  public Tensor multiply() {
    torch.mm_out(product, left, right).close();
    return product;
  }
}
