package io.github.pix2pixzero.benchmarks.libtorch;

import io.github.pix2pixzero.benchmarks.AttentionProblem;
import io.github.pix2pixzero.benchmarks.OurAttention;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.PointerScope;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Setup;

/**
 * libtorch's attention in the open: {@code softmax(q · kᵀ) · v}, whose probabilities can be kept.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class CrossAttentionBenchmark extends AttentionProblem.Cross {
  private TorchAttention constant;
  private TorchAttention differentiable;

  @Setup
  public void upload() {
    draw();
    Libtorch.loopThreads(threads);
    constant = TorchAttention.constant(this);
    differentiable = TorchAttention.differentiable(this);
    TorchAttention.checkAgreement(this, TorchAttention::cross, OurAttention::cross);
  }

  @Benchmark
  public Object forward() {
    try (PointerScope scope = new PointerScope()) {
      return constant.cross();
    }
  }

  @Benchmark
  public Object forwardBackward() {
    try (PointerScope scope = new PointerScope()) {
      return differentiable.gradients(TorchAttention::cross);
    }
  }
}
