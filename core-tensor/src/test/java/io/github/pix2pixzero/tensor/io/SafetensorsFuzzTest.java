package io.github.pix2pixzero.tensor.io;

import static io.github.pix2pixzero.tensor.testing.HostileInput.assertTakesLittleMemory;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Hostile files and headers. Jazzer makes them up where {@code JAZZER_FUZZ=1} is set; otherwise
 * those it has found worth keeping are read, from {@code SafetensorsFuzzTestInputs}.
 */
class SafetensorsFuzzTest {
  @FuzzTest
  @DictionaryFile(resourcePath = "safetensors.dict")
  void files(byte[] bytes) throws Exception {
    assertTakesLittleMemory(bytes, () -> read(bytes));
  }

  /** The length is made right, so that all the damage is to what it counts. */
  @FuzzTest
  @DictionaryFile(resourcePath = "safetensors.dict")
  void headers(byte[] header) throws Exception {
    int data = 111; // as many bytes as follow the header of python.safetensors
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES + header.length + data)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .array();
    assertTakesLittleMemory(bytes, () -> read(bytes));
  }

  private static void read(byte[] bytes) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.of(bytes, "fuzz")) {
      long headerBytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
      long total = 0;
      for (String name : file.names()) {
        SafetensorsFile.Entry entry = file.entry(name);
        int count =
            entry.type().isFloating() ? file.readFloats(name).length : file.readLongs(name).length;
        assertThat((long) count).isEqualTo(entry.elementCount());
        total += entry.byteSize();
      }
      assertThat(total).isEqualTo(bytes.length - Long.BYTES - headerBytes);
      assertSurvivesWriting(file);
    } catch (SafetensorsException e) {
      assertThat(e).hasMessageStartingWith("fuzz: ");
    }
  }

  private static void assertSurvivesWriting(SafetensorsFile file) throws IOException {
    var writer = new SafetensorsWriter();
    file.metadata().forEach(writer::metadata);
    for (String name : file.names()) {
      SafetensorsFile.Entry entry = file.entry(name);
      writer.addBytes(name, entry.type(), entry.shape(), file.readBytes(name));
    }
    var written = new ByteArrayOutputStream();
    writer.write(written);
    try (SafetensorsFile again = SafetensorsFile.of(written.toByteArray(), "again")) {
      assertThat(again.names()).containsExactlyInAnyOrderElementsOf(file.names());
      assertThat(again.metadata()).isEqualTo(file.metadata());
      for (String name : file.names()) {
        assertThat(again.entry(name)).hasToString(file.entry(name).toString());
        assertThat(again.readBytes(name)).isEqualTo(file.readBytes(name));
      }
    }
  }
}
