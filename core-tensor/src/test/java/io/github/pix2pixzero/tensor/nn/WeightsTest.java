package io.github.pix2pixzero.tensor.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightsTest {
  private static final int OUT = 37;
  private static final int IN = 5;

  private final Backend backend = new PlainBackend(1);

  @TempDir private Path folder;

  /** The numbers are such that every type holds them exactly. */
  private static float number(int out, int in, int tap) {
    return (out - 20) / 16f * (in + 1) * (tap % 2 == 0 ? 1 : -0.5f);
  }

  @ParameterizedTest
  @CsvSource({"F16, 2", "BF16, 2", "F32, 4", "F64, 4"})
  void areInTheLayoutOfOperationsAndAsSmallAsStored(StoredType type, int bytes) throws IOException {
    float[] kernel = new float[OUT * IN * 4];
    float[] matrix = new float[OUT * IN];
    for (int i = 0; i < kernel.length; i++) {
      kernel[i] = number(i / 4 / IN, i / 4 % IN, i % 4);
    }
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = number(i / IN, i % IN, 0);
    }
    Path path = folder.resolve("m.safetensors");
    new SafetensorsWriter()
        .add("kernel", type, new long[] {OUT, IN, 2, 2}, kernel)
        .add("matrix", type, new long[] {OUT, IN}, matrix)
        .add("point", type, new long[] {OUT, IN, 1, 1}, matrix)
        .write(path);

    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      Weights weights = Weights.of(backend, file);
      Tensor asStored = weights.tensor("matrix", OUT, IN);
      Tensor linear = weights.linear("matrix", IN, OUT);
      Tensor point = weights.linear("point", IN, OUT);
      Tensor convolution = weights.convolution("kernel", IN, OUT, 2);

      assertThat(backend.memory().live())
          .isEqualTo((long) bytes * (3 * matrix.length + kernel.length));
      assertThat(asStored.toFloats()).isEqualTo(matrix);
      assertThat(linear.shape().toString()).isEqualTo("[5, 37]");
      assertThat(convolution.shape().toString()).isEqualTo("[2, 2, 5, 37]");
      assertThat(point.toFloats()).isEqualTo(linear.toFloats());
      float[] kernelTurned = new float[kernel.length];
      for (int i = 0; i < kernel.length; i++) {
        kernelTurned[i] = number(i % OUT, i / OUT % IN, i / OUT / IN);
      }
      assertThat(convolution.toFloats()).isEqualTo(kernelTurned);
      float[] matrixTurned = new float[matrix.length];
      for (int i = 0; i < matrix.length; i++) {
        matrixTurned[i] = number(i % OUT, i / OUT, 0);
      }
      assertThat(linear.toFloats()).isEqualTo(matrixTurned);
      assertThat(backend.memory().live())
          .as("looking at them leaves them as they are")
          .isEqualTo((long) bytes * (3 * matrix.length + kernel.length));
    }
  }

  @Test
  void integersAreNoWeights() throws IOException {
    byte[] header =
        "{\"ids\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + header.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header).rewind();
    try (SafetensorsFile file = SafetensorsFile.of(bytes, "m")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Weights.of(backend, file).tensor("ids", 2))
          .withMessage("m: tensor 'ids' I32[2] does not hold floating-point numbers");
    }
  }
}
