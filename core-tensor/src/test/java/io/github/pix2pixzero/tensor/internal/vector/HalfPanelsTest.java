package io.github.pix2pixzero.tensor.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.internal.cpu.HostStorage;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfPanelsTest {
  private final Backend backend = new VectorBackend(1);

  /** All halves, infinities and NaNs too, come out as {@link StoredType#decode} has them. */
  @ParameterizedTest
  @CsvSource({
    "F16, 256, 256, false",
    "F16, 256, 256, true",
    "F16, 993, 66, false",
    "F16, 993, 66, true",
    "F16, 66, 993, true",
    "BF16, 256, 256, false",
    "BF16, 256, 256, true",
    "BF16, 993, 66, false",
    "BF16, 66, 993, true"
  })
  void panelsOfHalvesAreThoseOfFloats(StoredType type, int depth, int columns, boolean turned) {
    short[] halves = new short[depth * columns];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = (short) i;
    }
    ByteBuffer bytes = ByteBuffer.allocate(2 * halves.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(halves);
    HostStorage storage = (HostStorage) backend.constant(type, bytes);
    float[] floats = new float[halves.length];
    type.decode(halves, 0, floats, 0, floats.length);
    int depthStride = turned ? 1 : columns;
    int columnStride = turned ? depth : 1;
    int size = Panels.size(depth, columns) + 5;
    Panels expected = new Panels(new float[size], 5, depth, columns);
    Panels actual = new Panels(new float[size], 5, depth, columns);
    Arrays.fill(actual.array(), 5, size, Float.NaN);

    for (int panel = 0; panel < expected.count(); panel++) {
      expected.pack(panel, floats, 0, depthStride, columnStride);
      Packing.pack(actual, panel, 0, depth, storage, 0, depthStride, columnStride);
    }

    assertThat(storage.halves()).as("still halves").isNotNull();
    assertThat(bits(actual.array())).isEqualTo(bits(expected.array()));
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
    return bits;
  }
}
