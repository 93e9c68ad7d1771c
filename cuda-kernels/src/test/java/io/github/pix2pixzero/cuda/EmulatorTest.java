package io.github.pix2pixzero.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.backend.Storage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** That the emulated driver reports what kernels must not do: its silence is what tests rely on. */
@EnabledIfSystemProperty(named = "pix2pixzero.emulator", matches = ".+")
class EmulatorTest {
  private final CudaBackend backend = new CudaBackend(Precision.FLOAT32);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "fault_read_beyond | out-of-bounds read of 4 bytes, byte 128 of a global allocation of 128 bytes [block 0, thread 0]",
        "fault_write_beyond | out-of-bounds write of 4 bytes, byte 128 of a global allocation of 128 bytes",
        "fault_shared_beyond | out-of-bounds read of 4 bytes, shared memory",
        "fault_never_written | read of never-written memory: 4 bytes, shared memory",
        "fault_divergent_barrier | divergent barriers in block 0: thread 0 waits for its block at faults.cu",
        "fault_divergent_shuffle | divergent barriers in block 0: thread 0 waits for its warp at faults.cu",
        "fault_race | races with thread",
        "fault_missed_wait | read of never-written memory: 4 bytes, shared memory",
        "fault_missed_barrier | a read races with thread 0 of the block, shared memory",
        "fault_null | wild read of 4 bytes",
        "fault_hidden_operands | without fence.proxy.async",
        "fault_group_not_opened | wgmma without wgmma.fence",
        "fault_wait_without_end | a wait without end: 0 bytes come of 4096",
        "fault_hidden_barrier | fence.mbarrier_init is missing",
        "fault_operands_overwritten | a write races with thread 0 of the block, shared memory",
      })
  void faultsAreReported(String kernel, String report) {
    Storage x = backend.allocate(32);
    Storage out = backend.allocate(32);
    backend.fill(1f, x);
    assertThatThrownBy(() -> launch(kernel, 1, x, out))
        .isInstanceOf(CudaException.class)
        .hasMessageContaining("the kernel " + kernel + ", 1 blocks of 32 threads with (32")
        .hasMessageContaining(report);
    backend.fill(2f, x);
    float[] after = new float[32];
    backend.download(x, after, 0);
    assertThat(after).as("the device works on").containsOnly(2f);
    x.release();
    out.release();
  }

  @Test
  void racesBetweenBlocksAreReported() {
    Storage out = backend.allocate(32);
    launch("fault_race_between_blocks", 1, out, out);
    assertThatThrownBy(() -> launch("fault_race_between_blocks", 2, out, out))
        .hasMessageContaining("races with an access of another block");
    out.release();
  }

  @Test
  void neverWrittenMemoryIsNotCopiedOut() {
    Storage x = backend.allocate(5);
    assertThatThrownBy(() -> backend.download(x, new float[5], 0))
        .hasMessageContaining("never-written memory");
    x.release();
  }

  private static void launch(String kernel, int blocks, Storage x, Storage out) {
    Device.first()
        .launcher()
        .launch(
            "faults_f32",
            kernel,
            blocks,
            32,
            new Arguments()
                .add(32)
                .add(((CudaStorage) x).address())
                .add(((CudaStorage) out).address()));
  }
}
