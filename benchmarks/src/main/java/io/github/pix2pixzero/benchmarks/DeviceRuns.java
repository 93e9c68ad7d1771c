package io.github.pix2pixzero.benchmarks;

import static java.util.Objects.requireNonNullElse;

import io.github.pix2pixzero.tensor.backend.Backends;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures rows on a device, ours alone, each in a process of its own.
 *
 * @param device as of {@link Backends#on}
 * @param quick a look, not a measurement
 */
record DeviceRuns(String device, boolean quick) {

  /**
   * @throws IllegalArgumentException if the device cannot be used
   */
  KernelResult measure(Kernel kernel) throws RunnerException {
    Machine machine = Machine.current();
    List<Double> times =
        new Runner(
                new OptionsBuilder()
                    .include(DeviceBenchmark.class.getName())
                    .param("kernel", kernel.name())
                    .param("device", device)
                    .shouldFailOnError(true)
                    .verbosity(VerboseMode.SILENT)
                    .forks(1)
                    .warmupIterations(quick ? 1 : 4)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(quick ? 2 : 12)
                    .measurementTime(TimeValue.milliseconds(300))
                    .build())
            .runSingle().getBenchmarkResults().iterator().next().getIterationResults().stream()
                .map(iteration -> iteration.getPrimaryResult().getScore())
                .toList();
    return new KernelResult(
        kernel.name(),
        1,
        LocalDate.now().toString(),
        requireNonNullElse(System.getProperty("benchmark.command"), "?"),
        machine.cpu() + ", " + machine.cores() + " cores",
        machine.jdk(),
        machine.load(),
        "none",
        Backends.on(device, 1).toString(),
        Map.of(Kernel.OURS, times));
  }
}
