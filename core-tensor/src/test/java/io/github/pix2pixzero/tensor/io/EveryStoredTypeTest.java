package io.github.pix2pixzero.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.io.Resources;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reads what {@code float8.py} had PyTorch write in types that only few files hold. */
class EveryStoredTypeTest {
  private SafetensorsFile file;

  @BeforeEach
  void open() throws IOException {
    byte[] bytes =
        Resources.toByteArray(
            Resources.getResource(EveryStoredTypeTest.class, "float8.safetensors"));
    file = SafetensorsFile.of(bytes, "float8.safetensors");
  }

  @AfterEach
  void close() throws IOException {
    file.close();
  }

  @ParameterizedTest
  @CsvSource({"e4m3, F8_E4M3", "e5m2, F8_E5M2"})
  void everyFloatOfEightBitsIsExactAndHandedOutAsAHalf(String name, StoredType type)
      throws IOException {
    float[] expected = file.readFloats(name + ".float32");
    assertThat(file.entry(name).type()).isEqualTo(type);
    assertThat(file.readFloats(name))
        .usingComparator(EveryStoredTypeTest::bits)
        .isEqualTo(expected);
    StoredTensor tensor = file.tensor(name);
    assertThat(tensor.storedType()).isEqualTo(type);
    assertThat(tensor.type()).isEqualTo(StoredType.F16);
    assertThat(tensor.byteSize()).isEqualTo(256);
    assertThat(tensor.floats()).usingComparator(EveryStoredTypeTest::bits).isEqualTo(expected);
    assertThat(tensor.rows(3, 7).bytes()).isEqualTo(tensor.bytes().slice(6, 8));
    Backend backend = Backends.best(1);
    assertThat(Tensor.constant(backend, tensor.type(), tensor.bytes(), 256).toFloats())
        .usingComparator(EveryStoredTypeTest::bits)
        .isEqualTo(expected);
    Weights weights = Weights.of(backend, file);
    assertThatIllegalArgumentException() // they have infinities and NaN too
        .isThrownBy(() -> weights.tensor(name, 256))
        .withMessageEndingWith("holds numbers that are not finite");
  }

  /** Zero where two arrays hold the same bits, but for those that tell one NaN from another. */
  private static int bits(float[] a, float[] b) {
    for (int i = 0; i < Math.max(a.length, b.length); i++) {
      if (Float.floatToIntBits(a[i]) != Float.floatToIntBits(b[i])) {
        return 1;
      }
    }
    return 0;
  }

  @ParameterizedTest
  @CsvSource({"int8, I8", "int16, I16", "uint16, U16", "uint32, U32"})
  void integersAreRead(String name, StoredType type) throws IOException {
    assertThat(file.entry("misc." + name).type()).isEqualTo(type);
    assertThat(file.readLongs("misc." + name)).containsExactly(1, 2, 3, 4);
  }

  @ParameterizedTest
  @CsvSource({
    "uint64, U64",
    "complex64, C64",
    "float8_e8m0fnu, F8_E8M0",
    "float8_e4m3fnuz, F8_E4M3FNUZ",
    "float8_e5m2fnuz, F8_E5M2FNUZ"
  })
  void othersMayBeInAFileButAreNotRead(String name, StoredType type) throws IOException {
    assertThat(file.entry("misc." + name).type()).isEqualTo(type);
    assertThatIOException()
        .isThrownBy(() -> file.readFloats("misc." + name))
        .withMessageContaining("'misc.%s' %s[2, 2] does not hold floating-point", name, type);
    assertThatIOException()
        .isThrownBy(() -> file.readLongs("misc." + name))
        .withMessageContaining("does not hold integers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Weights.of(Backends.best(1), file).tensor("misc." + name, 2, 2))
        .withMessageContaining("does not hold floating-point numbers");
  }

  @Test
  void negativeIntegersKeepTheirSign() throws IOException {
    var out = new ByteArrayOutputStream();
    new SafetensorsWriter()
        .addBytes("a", StoredType.I8, new long[] {2}, ByteBuffer.wrap(new byte[] {-1, 127}))
        .addBytes("b", StoredType.I16, new long[] {1}, ByteBuffer.wrap(new byte[] {-2, -1}))
        .addBytes("c", StoredType.U16, new long[] {1}, ByteBuffer.wrap(new byte[] {-2, -1}))
        .write(out);
    try (SafetensorsFile written = SafetensorsFile.of(out.toByteArray(), "written")) {
      assertThat(written.readLongs("a")).containsExactly(-1, 127);
      assertThat(written.readLongs("b")).containsExactly(-2);
      assertThat(written.readLongs("c")).containsExactly(65534);
    }
  }
}
