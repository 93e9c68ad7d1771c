package io.github.pix2pixzero.benchmarks;

import static io.github.pix2pixzero.benchmarks.MadeUpResults.kernel;
import static io.github.pix2pixzero.benchmarks.MadeUpResults.result;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KernelTableTest {
  private static final Kernel CONV = kernel("conv", 0.8, 3);

  @Test
  void holdsTheRatioOnTwoThreadsAgainstTheTarget() {
    String table =
        KernelTable.of(
            List.of(CONV),
            List.of(
                result("conv", 2, Map.of("ours", List.of(15.0), "libtorch", List.of(20.0))),
                result("conv", 1, Map.of("ours", List.of(30.0), "libtorch", List.of(24.0)))));

    assertThat(table)
        .contains("1 of 1 targets are met")
        .contains("| conv | 15.0 | 20.0 | 0.750 | ≤ 0.8 | yes | 200 | 30.0 | 24.0 | 1.25 | 1 |")
        .contains("- run 1: `./benchmark kernels`, 2026-01-02; Some CPU, 2 cores; Some VM 17; ");
  }

  @Test
  void saysByHowMuchATargetIsMissed() {
    String table =
        KernelTable.of(
            List.of(CONV),
            List.of(result("conv", 2, Map.of("ours", List.of(20.0), "libtorch", List.of(20.0)))));

    assertThat(table)
        .contains("0 of 1 targets are met")
        .contains("| 1.00 | ≤ 0.8 | no, 25 % over | 150 | – | – | – | 1 |");
  }

  @Test
  void theFasterOfLibtorchsLayoutsCounts() {
    KernelResult result =
        result(
            "conv",
            2,
            Map.of(
                "ours", List.of(10.0),
                "libtorch", List.of(20.0),
                "libtorch channels-last", List.of(16.0),
                "EJML", List.of(1.0)));

    assertThat(result.libtorchTime()).isEqualTo(16.0);
    assertThat(result.ratio()).isEqualTo(0.625);
  }

  @Test
  void aTimeIsTheMedianOfItsIterations() {
    KernelResult result = result("conv", 2, Map.of("ours", List.of(9.0, 1.0, 2.0, 3.0)));

    assertThat(result.ours()).isEqualTo(2.5);
    assertThat(result.libtorchTime()).isNaN();
    assertThat(result.ratio()).isNaN();
  }

  @Test
  void plainLoopsAreHeldAgainstARate() {
    Kernel plain = kernel("plain matmul", Double.NaN, 16);

    assertThat(
            KernelTable.of(
                List.of(plain),
                List.of(result("plain matmul", 1, Map.of("ours", List.of(1000.0))))))
        .contains("| plain matmul | 1000 | 16.0 | ≥ 15 | yes | 1 |")
        .doesNotContain("targets are met");
  }

  @Test
  void ejmlHasALineOfItsOwn() {
    assertThat(
            KernelTable.of(
                List.of(CONV),
                List.of(result("conv", 2, Map.of("ours", List.of(15.0), "EJML", List.of(300.0))))))
        .contains("EJML: conv on 2 threads in 300 ms, ours 15.0 ms.");
  }
}
