package io.github.pix2pixzero.benchmarks;

import static java.util.Objects.requireNonNullElse;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.lang.management.ManagementFactory;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures rows of the table, each in a process of its own.
 *
 * @param libtorch which one the peers use; {@value #NONE} for no peers
 * @param python the interpreter that has it; empty for the presets' own
 * @param quick a look, not a measurement
 */
record KernelRuns(String libtorch, String python, boolean quick) {
  static final String NONE = "none";

  /**
   * Seconds before times count, one of them for each peer. Until the compiler has seen all of a
   * kernel, the Vector API allocates each vector and is a thousand times slower.
   */
  private static final int WARMUP = 7;

  private static final int QUICK_WARMUP = 6;

  /** Shared evenly by one, two or three contenders. */
  private static final int ITERATIONS = 12;

  private static final int QUICK_ITERATIONS = 6;
  private static final long MILLIS = 300;

  KernelResult measure(Kernel kernel, int threads) throws RunnerException {
    boolean peers = !libtorch.equals(NONE);
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(KernelBenchmark.class.getName())
            .param("kernel", kernel.name())
            .param("threads", Integer.toString(threads))
            .param("peers", Boolean.toString(peers))
            .param("python", python)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .forks(1)
            .warmupIterations(quick ? QUICK_WARMUP : WARMUP)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(quick ? QUICK_ITERATIONS : ITERATIONS)
            .measurementTime(TimeValue.milliseconds(MILLIS));
    if (kernel.plain()) {
      options.jvmArgs(
          ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
              .filter(argument -> !argument.contains("jdk.incubator.vector"))
              .toArray(String[]::new));
    }
    Machine machine = Machine.current();
    var iterations =
        new Runner(options.build())
            .runSingle()
            .getBenchmarkResults()
            .iterator()
            .next()
            .getIterationResults();
    return new KernelResult(
        kernel.name(),
        threads,
        LocalDate.now().toString(),
        requireNonNullElse(System.getProperty("benchmark.command"), "?"),
        machine.cpu() + ", " + machine.cores() + " cores",
        machine.jdk(),
        machine.load(),
        libtorch,
        "",
        byContender(kernel.names(peers), iterations));
  }

  /** Whose turn an iteration was follows from its place. */
  private static ImmutableMap<String, List<Double>> byContender(
      ImmutableList<String> names, Iterable<IterationResult> iterations) {
    List<List<Double>> times = new ArrayList<>();
    names.forEach(name -> times.add(new ArrayList<>()));
    int turn = 0;
    for (IterationResult iteration : iterations) {
      times.get(turn++ % names.size()).add(millis(iteration));
    }
    ImmutableMap.Builder<String, List<Double>> result = ImmutableMap.builder();
    for (int i = 0; i < names.size(); i++) {
      result.put(names.get(i), times.get(i));
    }
    return result.buildOrThrow();
  }

  private static double millis(IterationResult iteration) {
    var own = iteration.getSecondaryResults();
    double calls = own.get("calls").getScore();
    return calls == 0
        ? iteration.getPrimaryResult().getScore()
        : own.get("millis").getScore() / calls;
  }
}
