package io.github.pix2pixzero.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class KernelsTest {

  @Test
  void aFilterIsFoundInTheName() {
    assertThat(Kernels.matching(List.of("^conv.*320@64 forward", "GEGLU")))
        .extracting(Kernel::name)
        .containsExactly(
            "conv 3x3 320@64 forward",
            "conv 3x3 960-320@64 forward",
            "GEGLU 4096x1280 forward",
            "GEGLU 4096x1280 backward");
    assertThat(Kernels.matching(List.of())).isEqualTo(Kernels.ALL);
  }

  @Test
  void aFilterThatLeavesNothingIsAnError() {
    assertThatThrownBy(() -> Kernels.matching(List.of("nothing")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing");
  }

  @Test
  void theRateCountsEveryMultiplicationAndAddition() {
    assertThat(Kernels.named("conv 3x3 960-320@64 forward").gflop()).isEqualTo(22.649, within());
    assertThat(Kernels.named("matmul 2048x2048x2048 frozen").gflop()).isEqualTo(17.180, within());
  }

  /** Ours computes something on the smallest rows, which need no natives. */
  @Test
  void ourContenderRuns() {
    Contender ours = Kernels.named("layer norm 4096x320 forward").contender("ours", 2, "");

    assertThat(ours.run()).isNotNull();
    float[] result = ours.result();
    assertThat(result).hasSize(4096 * 320);
    assertThat(result[4096 * 320 - 1]).isFinite();
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-3);
  }
}
