package io.github.pix2pixzero.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.AverageTimeResult;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.IterationResultMetaData;
import org.openjdk.jmh.results.ResultRole;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.IterationType;
import org.openjdk.jmh.runner.WorkloadParams;
import org.openjdk.jmh.runner.options.TimeValue;

/** Results as JMH hands them out, of runs that never were. */
final class MadeUpResults {

  private MadeUpResults() {}

  /** A benchmark whose iterations took these times, in milliseconds a call. */
  static RunResult result(
      String benchmark, Map<String, String> setting, TimeUnit unit, double... millis) {
    WorkloadParams workload = new WorkloadParams();
    setting.forEach((key, value) -> workload.put(key, value, 0));
    IterationParams iterations =
        new IterationParams(IterationType.MEASUREMENT, millis.length, TimeValue.seconds(1), 1);
    BenchmarkParams params =
        new BenchmarkParams(
            "io.github.pix2pixzero.benchmarks." + benchmark,
            "made.up",
            false,
            1,
            new int[] {1},
            List.of(),
            1,
            0,
            iterations,
            iterations,
            Mode.AverageTime,
            workload,
            unit,
            1,
            "java",
            List.of(),
            "17",
            "made up",
            "17",
            "1.37",
            TimeValue.minutes(1));
    List<IterationResult> results =
        Arrays.stream(millis).mapToObj(time -> iteration(params, iterations, time)).toList();
    return new RunResult(params, List.of(new BenchmarkResult(params, results)));
  }

  private static IterationResult iteration(
      BenchmarkParams params, IterationParams iterations, double millis) {
    IterationResult result =
        new IterationResult(params, iterations, new IterationResultMetaData(1, 1));
    long operations = 1000;
    result.addResult(
        new AverageTimeResult(
            ResultRole.PRIMARY,
            "time",
            operations,
            (long) (millis * 1e6 * operations),
            TimeUnit.MILLISECONDS));
    return result;
  }
}
