package io.github.pix2pixzero.benchmarks;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;

/**
 * One contender's time for one task.
 *
 * @param task what was done: class and method, which contenders have in common
 * @param setting size, threads and the like
 * @param contender a peer, or one of our backends
 * @param ours whether it is one of our backends
 * @param millis average time of a call
 * @param error half of the 99.9 % confidence interval, in milliseconds; NaN where there were too
 *     few iterations to tell
 */
public record Measurement(
    String task,
    ImmutableSortedMap<String, String> setting,
    String contender,
    boolean ours,
    double millis,
    double error) {
  private static final String BASE = Measurement.class.getPackageName() + ".";
  private static final String BACKEND = "backend";

  /**
   * Reads JMH's result. Benchmarks of a peer are in a package named after it.
   *
   * @throws IllegalArgumentException if it is not an average time in milliseconds
   */
  public static Measurement of(RunResult result) {
    BenchmarkParams params = result.getParams();
    String name = params.getBenchmark();
    checkArgument(
        name.startsWith(BASE) && params.getTimeUnit() == TimeUnit.MILLISECONDS,
        "%s should be in %s and measured in milliseconds",
        name,
        BASE);
    String[] parts = name.substring(BASE.length()).split("\\.");
    boolean ours = parts.length == 2;
    ImmutableSortedMap.Builder<String, String> setting = ImmutableSortedMap.naturalOrder();
    for (String key : params.getParamsKeys()) {
      if (!key.equals(BACKEND)) {
        setting.put(key, params.getParam(key));
      }
    }
    return new Measurement(
        parts[parts.length - 2].replace("Benchmark", "") + "." + parts[parts.length - 1],
        setting.build(),
        ours ? params.getParam(BACKEND) : parts[0],
        ours,
        result.getPrimaryResult().getScore(),
        result.getPrimaryResult().getScoreError());
  }

  /** Time and error, as in {@code 12.3 ± 0.4}. */
  String time() {
    return Double.isNaN(error) ? number(millis) : number(millis) + " ± " + number(error);
  }

  /** Three significant digits without an exponent. */
  static String number(double value) {
    int decimals = value <= 0 ? 0 : Math.max(0, 2 - (int) Math.floor(Math.log10(value)));
    return String.format(Locale.ROOT, "%." + Math.min(decimals, 6) + "f", value);
  }
}
