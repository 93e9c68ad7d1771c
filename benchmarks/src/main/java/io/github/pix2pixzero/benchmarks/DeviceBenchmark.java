package io.github.pix2pixzero.benchmarks;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * One kernel on a device that computes while the program goes on: calls are launched one after the
 * other and then waited for, as they are in a model.
 */
@State(org.openjdk.jmh.annotations.Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class DeviceBenchmark {
  private static final int CALLS = 20;

  @Param("")
  public String kernel;

  @Param("")
  public String device;

  private Contender ours;
  private Tensor mark;

  @Setup(Level.Trial)
  public void prepare() {
    Backend backend = Backends.on(device, 1);
    ours = Kernels.named(kernel).ours().apply(backend);
    mark = Tensor.zeros(backend, 1);
  }

  @Benchmark
  @OperationsPerInvocation(CALLS)
  public float[] run() {
    for (int i = 0; i < CALLS; i++) {
      ours.run();
    }
    return mark.toFloats(); // comes after whatever was launched before
  }
}
