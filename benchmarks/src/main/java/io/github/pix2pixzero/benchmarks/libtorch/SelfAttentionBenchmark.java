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

/** libtorch's fused attention, {@code scaled_dot_product_attention}. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class SelfAttentionBenchmark extends AttentionProblem.Self {
  private TorchAttention constant;
  private TorchAttention differentiable;

  @Setup
  public void upload() {
    draw();
    Libtorch.loopThreads(threads);
    constant = TorchAttention.constant(this);
    differentiable = TorchAttention.differentiable(this);
    TorchAttention.checkAgreement(this, TorchAttention::self, OurAttention::self);
  }

  @Benchmark
  public Object forward() {
    try (PointerScope scope = new PointerScope()) {
      return constant.self();
    }
  }

  @Benchmark
  public Object forwardBackward() {
    try (PointerScope scope = new PointerScope()) {
      return differentiable.gradients(TorchAttention::self);
    }
  }
}
