package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.tensor.testing.BackendContract;
import java.util.List;

/** The contract, in what of it the emulator does in seconds. */
abstract class CudaContract extends BackendContract {
  private static final boolean EMULATED = System.getProperty("pix2pixzero.emulator") != null;

  /** Multiplications of a matrix product that the emulator is spared. */
  private static final long MANY = 1 << 24;

  /** On a GPU a kernel that races may give other bits the next time; the emulator finds races. */
  @Override
  public int[] threadCounts() {
    return EMULATED ? new int[] {1} : new int[] {1, 2, 3};
  }

  @Override
  public List<int[]> halfProducts() {
    return super.halfProducts().stream()
        .filter(size -> !EMULATED || (long) size[0] * size[1] * size[2] * size[3] < MANY)
        .toList();
  }
}
