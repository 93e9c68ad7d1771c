package io.github.pix2pixzero.tensor.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class TasksTest {
  private static final int[] ROWS = {1, 11, 12, 13, 77, 256, 1000, 1024, 2048, 4096, 16384};
  private static final int[] COLUMNS = {1, 33, 64, 320, 5120};
  private static final int[] DEPTHS = {1, 40, 640, 2048, 11520};

  @Test
  void areAlikeAndLeaveNothingOut() {
    for (int m : ROWS) {
      for (int n : COLUMNS) {
        for (int k : DEPTHS) {
          Tasks tasks = Tasks.of(1, m, n, k);
          check(tasks, m, n);
          check(tasks.forMaking(1, k), m, n);
        }
      }
    }
  }

  private static void check(Tasks tasks, int m, int n) {
    int across = tasks.across();
    parts(
        tasks.down(),
        m,
        MicroKernel.MAX_ROWS,
        i -> tasks.firstRow(i * across),
        i -> tasks.endRow(i * across));
    parts(across, Panels.count(n), 1, tasks::firstPanel, tasks::endPanel);
  }

  /** The last part may end within a unit, which is counted whole. */
  private static void parts(
      int count, int all, int unit, IntUnaryOperator first, IntUnaryOperator end) {
    int reached = 0;
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (int i = 0; i < count; i++) {
      assertThat(first.applyAsInt(i)).isEqualTo(reached);
      int whole =
          i == count - 1 ? Tasks.divideUp(all - reached, unit) * unit : end.applyAsInt(i) - reached;
      least = Math.min(least, whole);
      most = Math.max(most, whole);
      reached = end.applyAsInt(i);
    }
    assertThat(reached).isEqualTo(all);
    assertThat(least).isPositive();
    assertThat(most - least).isLessThanOrEqualTo(unit);
  }
}
