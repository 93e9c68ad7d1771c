package io.github.pix2pixzero.benchmarks;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Our cross-attention as guidance runs it: the probabilities are kept. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class CrossAttentionBenchmark extends AttentionProblem.Cross {
  @Param({"vector", "plain"})
  public String backend;

  private OurAttention ours;

  @Setup
  public void upload() {
    draw();
    ours = OurAttention.of(this, Backends.named(backend, threads));
  }

  @Benchmark
  public Tensor forward() {
    try (Scope scope = Scope.open()) {
      return ours.cross();
    }
  }

  @Benchmark
  public Tensor[] forwardBackward() {
    try (Scope scope = Scope.open()) {
      return ours.gradients(OurAttention::cross);
    }
  }
}
