package io.github.pix2pixzero.benchmarks;

import io.github.pix2pixzero.benchmarks.libtorch.Libtorch;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the JMH benchmarks. */
final class Kernels {
  /**
   * Seconds before times count. Until the compiler has seen all of a kernel, the Vector API
   * allocates each vector and is a thousand times slower; on a busy machine of two cores that took
   * five seconds.
   */
  private static final int WARMUP = 10;

  private static final int QUICK_WARMUP = 6;

  private Kernels() {}

  /**
   * Runs benchmarks and describes their results in Markdown.
   *
   * @param quick fewer and shorter iterations, the vector backend only: a look, not a measurement
   * @param filters regular expressions of which a benchmark's full name should contain one; all
   *     benchmarks if there are none
   * @throws RunnerException if nothing is left to run, or a benchmark fails
   */
  static String run(boolean quick, List<String> filters) throws RunnerException {
    Machine machine = Machine.current();
    Optional<String> noLibtorch = Libtorch.unavailable();
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .shouldFailOnError(true)
            .forks(1)
            .warmupIterations(quick ? QUICK_WARMUP : WARMUP)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(quick ? 2 : 5)
            .measurementTime(TimeValue.milliseconds(quick ? 500 : 1000));
    filters.forEach(options::include);
    if (quick) {
      options.param("backend", "vector");
    }
    if (noLibtorch.isPresent()) {
      options.exclude("\\.libtorch\\.");
    }
    Collection<RunResult> results = new Runner(options.build()).run();
    String peer = noLibtorch.map(reason -> "not run: " + reason).orElseGet(Libtorch::description);
    return machine.toMarkdown() + "- libtorch: " + peer + "\n\n" + KernelTable.of(results);
  }
}
