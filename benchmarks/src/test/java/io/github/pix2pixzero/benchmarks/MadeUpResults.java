package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Map;

/** Kernels and results that never were. */
final class MadeUpResults {

  private MadeUpResults() {}

  static Kernel kernel(String name, double reach, double gflop) {
    return new Kernel(
        name,
        reach,
        gflop,
        backend -> {
          throw new AssertionError();
        },
        ImmutableMap.of());
  }

  static KernelResult result(String kernel, int threads, Map<String, List<Double>> times) {
    return result(kernel, threads, "", times);
  }

  /** Of the kernel named "a". */
  static KernelResult onDevice(String device, double time) {
    return result("a", 1, device, Map.of("ours", List.of(time)));
  }

  /** The same, as if it had been measured elsewhere. */
  static KernelResult on(String machine, KernelResult result) {
    return new KernelResult(
        result.kernel(),
        result.threads(),
        result.date(),
        result.command(),
        machine,
        result.jdk(),
        result.load(),
        result.libtorch(),
        result.device(),
        result.times());
  }

  private static KernelResult result(
      String kernel, int threads, String device, Map<String, List<Double>> times) {
    return new KernelResult(
        kernel,
        threads,
        "2026-01-02",
        "./benchmark kernels",
        "Some CPU, 2 cores",
        "Some VM 17",
        0.1,
        "2.10.0",
        device,
        times);
  }
}
