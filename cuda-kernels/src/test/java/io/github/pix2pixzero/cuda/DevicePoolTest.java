package io.github.pix2pixzero.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.backend.MemoryUse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

class DevicePoolTest {
  private final DevicePool pool = new DevicePool(Device.first(), false);

  @AfterEach
  void giveBack() {
    pool.freeAll();
  }

  @Test
  void sizesAreRoundedUpByAnEighthAtMost() {
    long last = 0;
    for (long bytes = 1; bytes < 1L << 40; bytes += 1 + bytes / 50) {
      long bucket = DevicePool.bucket(bytes);
      assertThat(bucket).isGreaterThanOrEqualTo(Math.max(bytes, last));
      assertThat(bucket - bytes).isLessThanOrEqualTo(Math.max(511, bytes / 8));
      assertThat(DevicePool.bucket(bucket)).isEqualTo(bucket);
      last = bucket;
    }
  }

  @Test
  void blocksAreUsedAgain() {
    DevicePool.Block first = pool.take(1000);
    pool.give(first);
    assertThat(pool.use()).isEqualTo(new MemoryUse(0, 1024, 1024, 1024));
    DevicePool.Block second = pool.take(900);
    assertThat(second).isSameAs(first);
    DevicePool.Block third = pool.take(1000);
    assertThat(third.address()).isNotEqualTo(first.address());
    assertThat(pool.use()).isEqualTo(new MemoryUse(2048, 0, 2048, 2048));
    pool.give(second);
    pool.give(third);
    pool.freeAll();
    assertThat(pool.use()).isEqualTo(new MemoryUse(0, 0, 2048, 2048));
  }

  @Test
  void aRecordingKeepsItsBlocksToItself() {
    DevicePool.Block before = pool.take(1000);
    pool.give(before);
    DevicePool.Recording recording = pool.record();
    DevicePool.Block inside = pool.take(1000);
    assertThat(inside).isSameAs(before);
    pool.give(inside);
    assertThat(pool.take(1000)).as("the next of the recording").isSameAs(inside);
    pool.give(inside);
    pool.stop();
    DevicePool.Block outside = pool.take(1000);
    assertThat(outside).as("while the recording can replay").isNotSameAs(inside);
    pool.release(recording);
    assertThat(pool.take(1000)).as("afterwards").isSameAs(inside);
    pool.give(inside);
    pool.give(outside);
  }

  @Test
  void nothingIsFreedWhileAGraphIsRecorded() {
    pool.give(pool.take(1000));
    DevicePool.Recording recording = pool.record();
    pool.freeAll();
    assertThat(pool.use().pooled()).isEqualTo(1024);
    pool.stop();
    pool.release(recording);
    pool.freeAll();
    assertThat(pool.use().pooled()).isZero();
  }

  /** The emulated device has 256 MiB. */
  @Test
  @EnabledIfSystemProperty(named = "pix2pixzero.emulator", matches = ".+")
  void whatIsUnreachableIsFreedBeforeMemoryRunsOut() {
    int size = 48 << 20;
    CudaBackend backend = new CudaBackend(Precision.FLOAT32);
    for (int i = 0; i < 4; i++) {
      assertThat(backend.allocate(size).size()).isEqualTo(size); // and forgotten
    }
  }

  /** What a backend has pooled before and after it is trimmed. */
  static final class Trim {
    private Trim() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) {
      CudaBackend backend = new CudaBackend(Precision.FLOAT32);
      backend.allocate(5).release();
      System.out.println(backend.memory().pooled());
      backend.trim();
      System.out.println(backend.memory().pooled());
    }
  }

  /** In a JVM of its own: where memory is poisoned nothing is pooled. */
  @Test
  void trimmingLeavesNothingPooled() throws Exception {
    assertThat(AvailabilityTest.run(Trim.class, Map.of())).containsExactly("512", "0");
  }

  /** The emulated device has 256 MiB. */
  @Test
  @EnabledIfSystemProperty(named = "pix2pixzero.emulator", matches = ".+")
  void whatIsPooledIsFreedBeforeMemoryRunsOut() {
    pool.give(pool.take(192L << 20));
    DevicePool.Block other = pool.take(224L << 20);
    assertThat(pool.use().pooled()).isZero();
    assertThatThrownBy(() -> pool.take(64L << 20))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("64.0 MiB were asked for")
        .hasMessageContaining("of 256.0 MiB are free; tensors hold 224.0 MiB");
    pool.give(other);
  }
}
