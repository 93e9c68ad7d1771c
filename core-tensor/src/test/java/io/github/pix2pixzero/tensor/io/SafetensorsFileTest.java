package io.github.pix2pixzero.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads {@code python.safetensors}, which the Python library (0.8.0) wrote. */
class SafetensorsFileTest {
  @TempDir Path directory;
  private byte[] bytes;
  private Path path;

  @BeforeEach
  void copyFixture() throws IOException {
    bytes = Resources.toByteArray(Resources.getResource(getClass(), "python.safetensors"));
    path = directory.resolve("model.safetensors");
    Files.write(path, bytes);
  }

  @Test
  void listsWhatTheFileHolds() throws IOException {
    try (var file = SafetensorsFile.open(path)) {
      assertThat(file.names())
          .containsExactly(
              "ids", "double", "größe", "nothing", "scalar", "weight", "int", "brain", "half",
              "bytes", "mask");
      assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThat(file.contains("weight")).isTrue();
      assertThat(file.contains("bias")).isFalse();
      SafetensorsFile.Entry entry = file.entry("brain");
      assertThat(entry.name()).isEqualTo("brain");
      assertThat(entry.type()).isEqualTo(StoredType.BF16);
      assertThat(entry.shape()).containsExactly(3, 1);
      assertThat(entry.elementCount()).isEqualTo(3);
      assertThat(entry.byteSize()).isEqualTo(6);
      assertThat(entry).hasToString("tensor 'brain' BF16[3, 1]");
      assertThat(file.entry("scalar").shape()).isEmpty();
      assertThat(file.entry("nothing").shape()).containsExactly(0, 4);
    }
  }

  @Test
  void readsEveryType() throws IOException {
    try (var file = SafetensorsFile.open(path)) {
      checkValues(file);
    }
  }

  @Test
  void readsFromMemory() throws IOException {
    try (var file = SafetensorsFile.of(bytes, "model in a jar")) {
      checkValues(file);
      assertThat(file.displayName()).isEqualTo("model in a jar");
    }
    var shifted = ByteBuffer.allocateDirect(bytes.length + 3).position(3).put(bytes).position(3);
    try (var file = SafetensorsFile.of(shifted, "off heap, unaligned")) {
      checkValues(file);
    }
  }

  @Test
  void readsAcrossMappingWindows() throws IOException {
    for (int stride : new int[] {1, 7, 32, 64, 500, bytes.length}) {
      try (var file = new SafetensorsFile(new MappedSource(path, stride), "stride " + stride)) {
        checkValues(file);
      }
    }
  }

  private static void checkValues(SafetensorsFile file) throws IOException {
    float inf = Float.POSITIVE_INFINITY;
    assertThat(file.readFloats("weight")).containsExactly(1f, -2.5f, 0.1f, inf, -0f, 1e-40f);
    assertThat(file.readFloats("half"))
        .containsExactly(1f, -2f, 0x1.998p-4f, 65504f, 0x1p-24f, -inf);
    assertThat(file.readFloats("brain")).containsExactly(1f, -3.140625f, 0x1.94p99f);
    assertThat(file.readFloats("double")).containsExactly(0.1f, -0f, inf);
    assertThat(file.readFloats("scalar")).containsExactly(0.18215f);
    assertThat(file.readFloats("nothing")).isEmpty();
    assertThat(file.readFloats("größe")).containsExactly(2f);
    assertThat(file.readLongs("ids")).containsExactly(-1, 1L << 62, 49407, 0);
    assertThat(file.readLongs("int")).containsExactly(Integer.MIN_VALUE, 7);
    assertThat(file.readLongs("bytes")).containsExactly(0, 127, 255);
    assertThat(file.readLongs("mask")).containsExactly(1, 0, 1);
    ByteBuffer raw = file.readBytes("int");
    assertThat(raw.remaining()).isEqualTo(8);
    assertThat(raw.getInt(4)).isEqualTo(7);
    assertThat(raw.isReadOnly()).isTrue();
  }

  @Test
  void readsIntoTheMiddleOfAnArray() throws IOException {
    try (var file = SafetensorsFile.open(path)) {
      for (String name : new String[] {"double", "brain"}) {
        float[] values = file.readFloats(name);
        float[] target = {9, 9, 9, 9, 9};
        file.readFloats(name, target, 1);
        assertThat(target).containsExactly(9, values[0], values[1], values[2], 9);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> file.readFloats(name, target, 3));
      }
    }
  }

  @Test
  void longTensorsAreConvertedInFull() throws IOException {
    float[] values = new float[10_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 2048; // exact in every type but BF16
    }
    for (StoredType type : new StoredType[] {StoredType.F16, StoredType.F32, StoredType.F64}) {
      new SafetensorsWriter().add("x", type, new long[] {73, 137}, values).write(path);
      try (var file = SafetensorsFile.open(path)) {
        assertThat(file.readFloats("x")).as("%s", type).containsExactly(values);
      }
    }
  }

  @Test
  void refusesTheWrongNameOrType() throws IOException {
    try (var file = SafetensorsFile.open(path)) {
      assertThatExceptionOfType(SafetensorsException.class)
          .isThrownBy(() -> file.readFloats("bias"))
          .withMessage(path + ": there is no tensor 'bias'");
      assertThatExceptionOfType(SafetensorsException.class)
          .isThrownBy(() -> file.readFloats("ids"))
          .withMessage(path + ": tensor 'ids' I64[2, 2] does not hold floating-point numbers");
      assertThatExceptionOfType(SafetensorsException.class)
          .isThrownBy(() -> file.readLongs("half"))
          .withMessage(path + ": tensor 'half' F16[6] does not hold integers");
    }
  }

  @Test
  void refusesToReadOnceClosed() throws IOException {
    var file = SafetensorsFile.open(path);
    ByteBuffer kept = file.readBytes("int");
    file.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> file.readFloats("weight"))
        .withMessage(path + " is closed");
    assertThat(kept.getInt(4)).isEqualTo(7);
  }

  @Test
  void aMissingFileIsReportedAsSuch() {
    Path missing = directory.resolve("missing.safetensors");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> SafetensorsFile.open(missing));
  }
}
