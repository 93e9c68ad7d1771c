package io.github.pix2pixzero.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.testing.BackendContract;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract, in what of it the emulator does in seconds. */
abstract class CudaContract extends BackendContract {
  static final boolean EMULATED = System.getProperty("pix2pixzero.emulator") != null;

  /** Multiplications of a matrix product that the emulator is spared. */
  private static final long MANY = 1 << 24;

  /** What a number becomes where tensors are stored. */
  abstract float stored(float value);

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

  /** But for which of all that are not numbers one is, and where tensors are stored otherwise. */
  @Override
  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  public void everyHalfIsExact(StoredType type) {
    int all = 1 << 16;
    ByteBuffer data = ByteBuffer.allocate(2 * all).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < all; i++) {
      data.putShort((short) i);
    }
    float[] expected = new float[all];
    type.decode(data.flip(), expected, 0);
    for (int i = 0; i < all; i++) {
      expected[i] = stored(expected[i]);
    }
    Backend backend = backend(1);
    Storage table = backend.constant(type, data.rewind());
    float[] values = new float[all];
    backend.download(table, values, 0);
    assertThat(values).isEqualTo(expected);

    Storage rows = backend.allocate(2 * 256);
    backend.gather(new int[] {255, 3}, 256, table, rows);
    float[] gathered = new float[2 * 256];
    backend.download(rows, gathered, 0);
    assertThat(gathered).startsWith(Arrays.copyOfRange(expected, 255 * 256, 256 * 256));
    assertThat(gathered).endsWith(Arrays.copyOfRange(expected, 3 * 256, 4 * 256));
    table.release();
    rows.release();
  }
}
