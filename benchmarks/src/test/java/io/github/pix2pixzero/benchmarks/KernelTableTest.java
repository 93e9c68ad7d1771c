package io.github.pix2pixzero.benchmarks;

import static io.github.pix2pixzero.benchmarks.MadeUpResults.result;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;

class KernelTableTest {
  private static final String HEAD =
      """
      | task | setting | ours | ms | peer | ms | ours ÷ peer |
      |---|---|---|--:|---|--:|--:|
      """;

  @Test
  void everyBackendStandsBesideEveryPeer() {
    assertThat(
            KernelTable.of(
                List.of(
                    ours("vector", 30),
                    ours("plain", 600),
                    peer("libtorch", 20),
                    peer("ejml", 120))))
        .isEqualTo(
            HEAD
                + """
                | Matmul.multiply | size 2x3x4, threads 1 | vector | 30.0 | libtorch | 20.0 | 1.50 |
                | Matmul.multiply | size 2x3x4, threads 1 | vector | 30.0 | ejml | 120 | 0.250 |
                | Matmul.multiply | size 2x3x4, threads 1 | plain | 600 | libtorch | 20.0 | 30.0 |
                | Matmul.multiply | size 2x3x4, threads 1 | plain | 600 | ejml | 120 | 5.00 |
                """);
  }

  @Test
  void onlyTheSameSettingIsCompared() {
    RunResult twoThreads =
        result(
            "libtorch.MatmulBenchmark.multiply",
            Map.of("size", "2x3x4", "threads", "2"),
            TimeUnit.MILLISECONDS,
            10);

    assertThat(KernelTable.of(List.of(ours("vector", 30), twoThreads)))
        .isEqualTo(
            HEAD
                + """
                | Matmul.multiply | size 2x3x4, threads 1 | vector | 30.0 | – | – | – |
                | Matmul.multiply | size 2x3x4, threads 2 | – | – | libtorch | 10.0 | – |
                """);
  }

  @Test
  void anErrorIsShownWhereThereAreIterationsEnoughToTell() {
    Measurement measured = Measurement.of(ours("vector", 1.1, 1.2, 1.3));

    assertThat(measured.millis()).isEqualTo(1.2);
    // Student's t of 2 degrees of freedom at 99.95 %, 31.599, times 0.1 / √3
    assertThat(measured.error()).isBetween(1.824, 1.825);
    assertThat(measured.time()).isEqualTo("1.20 ± 1.82");
    assertThat(Measurement.of(ours("vector", 1.1)).time()).isEqualTo("1.10");
  }

  @Test
  void timesAreRefusedInAnotherUnit() {
    RunResult micros = result("MatmulBenchmark.multiply", Map.of(), TimeUnit.MICROSECONDS, 1);

    assertThatThrownBy(() -> Measurement.of(micros))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("MatmulBenchmark.multiply")
        .hasMessageContaining("milliseconds");
  }

  private static RunResult ours(String backend, double... millis) {
    return result(
        "MatmulBenchmark.multiply",
        Map.of("backend", backend, "size", "2x3x4", "threads", "1"),
        TimeUnit.MILLISECONDS,
        millis);
  }

  private static RunResult peer(String name, double millis) {
    return result(
        name + ".MatmulBenchmark.multiply",
        Map.of("size", "2x3x4", "threads", "1"),
        TimeUnit.MILLISECONDS,
        millis);
  }
}
