package io.github.pix2pixzero.benchmarks;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * Our matrix product. Neither matrix is declared constant, so each call packs both, as a peer's
 * does; a model's frozen weights are packed once.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class MatmulBenchmark extends MatmulProblem.Layers {
  @Param({"vector", "plain"})
  public String backend;

  private Backend device;
  private MatmulSpec spec;
  private Storage left;
  private Storage right;
  private Storage product;

  @Setup
  public void upload() {
    draw();
    device = Backends.named(backend, threads);
    spec = MatmulSpec.of(m, n, k);
    left = device.allocate(m * k);
    right = device.allocate(k * n);
    product = device.allocate(m * n);
    device.upload(a, 0, left);
    device.upload(b, 0, right);
  }

  @Benchmark
  public Storage multiply() {
    device.matmul(spec, left, right, null, product);
    return product;
  }
}
