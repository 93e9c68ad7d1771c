package io.github.pix2pixzero.tensor.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The files that the reference implementation's own tests are about, byte for byte, and what it
 * makes of them: huggingface/safetensors at 24b0b28, {@code safetensors/src/tensor.rs} and {@code
 * bindings/python/tests/test_simple.py}. Not carried over: slices of tensors and the types below a
 * byte, which this project does not read.
 */
class ReferenceSafetensorsTest {
  private static final float[] SIX = {0, 1, 2, 3, 4, 5};

  @TempDir Path folder;

  /** A header of the length it says, or another, and so many zero bytes. */
  private static byte[] file(long length, String header, int zeros) {
    byte[] json = header.getBytes(ISO_8859_1);
    return ByteBuffer.allocate(8 + json.length + zeros)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(json)
        .array();
  }

  private static byte[] test(String shape, String offsets, int zeros) {
    String header =
        "{\"test\":{\"dtype\":\"I32\",\"shape\":%s,\"data_offsets\":%s}}".formatted(shape, offsets);
    return file(header.length(), header, zeros);
  }

  private static byte[] written(SafetensorsWriter writer) throws IOException {
    var bytes = new ByteArrayOutputStream();
    writer.write(bytes);
    return bytes.toByteArray();
  }

  private static byte[] withSix(String header) {
    ByteBuffer expected = ByteBuffer.wrap(file(header.length(), header, 24));
    expected.order(ByteOrder.LITTLE_ENDIAN).position(8 + header.length());
    for (float value : SIX) {
      expected.putFloat(value);
    }
    return expected.array();
  }

  @Test
  void serialization() throws IOException {
    assertThat(written(new SafetensorsWriter().add("attn.0", new long[] {1, 2, 3}, SIX)))
        .isEqualTo(
            withSix("{\"attn.0\":{\"dtype\":\"F32\",\"shape\":[1,2,3],\"data_offsets\":[0,24]}}"));
  }

  @Test
  void serializationForcesAlignment() throws IOException {
    String json = "{\"attn0\":{\"dtype\":\"F32\",\"shape\":[1,1,2,3],\"data_offsets\":[0,24]}}";
    assertThat(written(new SafetensorsWriter().add("attn0", new long[] {1, 1, 2, 3}, SIX)))
        .isEqualTo(withSix(json + "       "));
  }

  @Test
  void empty() throws IOException {
    assertThat(written(new SafetensorsWriter())).isEqualTo(file(8, "{}      ", 0));
    assertThat(written(new SafetensorsWriter().metadata("framework", "pt")))
        .isEqualTo(file(40, "{\"__metadata__\":{\"framework\":\"pt\"}}     ", 0));
  }

  @Test
  void headerTooLargeToWrite() {
    SafetensorsWriter writer = new SafetensorsWriter();
    writer.metadata("very_large_metadata", "a".repeat(SafetensorsHeader.MAX_BYTES));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.write(OutputStream.nullOutputStream()))
        .withMessageContaining("more than the 100000000 allowed");
  }

  @Test
  void rewritingAFileThatIsMapped() throws IOException {
    Path path = folder.resolve("w.safetensors");
    float[] values = {1, 2, 3};
    new SafetensorsWriter().add("w", new long[] {3}, values).write(path);
    try (SafetensorsFile mapped = SafetensorsFile.open(path)) {
      ByteBuffer bytes = mapped.readBytes("w");
      new SafetensorsWriter().addBytes("w", StoredType.F32, new long[] {3}, bytes).write(path);
      assertThat(mapped.readFloats("w")).containsExactly(values);
    }
    try (SafetensorsFile again = SafetensorsFile.open(path)) {
      assertThat(again.readFloats("w")).containsExactly(values);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]    | [0,4]  | 4 | 1", // test_empty_shapes_allowed
        "[2,2] | [0,16] | 16| 4", // test_deserialization
        "[2,0] | [0, 0] | 0 | 0", // test_zero_sized_tensor
      })
  void deserialization(String shape, String offsets, int bytes, int count) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.of(test(shape, offsets, bytes), "test")) {
      assertThat(file.names()).containsExactly("test");
      assertThat(file.entry("test").type()).isEqualTo(StoredType.I32);
      assertThat(file.readLongs("test")).isEqualTo(new long[count]);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[2,2] | [0,16] | 50 | 34 bytes follow", // test_metadata_incomplete_buffer, polyglot
        "[2,2] | [0,16] | 14 | only 14 bytes are there", // and missing bytes
        "[2,2] | [0, 4] | 0  | needs 16 bytes", // test_invalid_info
        "[2,18446744073709551614] | [0,16] | 16 | not a size", // test_validation_overflow
        "[2,9223372036854775807]  | [0,16] | 16 | overflows",
      })
  void refusedLayouts(String shape, String offsets, int bytes, String reason) {
    assertRefused(test(shape, offsets, bytes), reason);
  }

  @Test
  void refusedHeaders() {
    assertRefused(file(0xffffff000000003cL, "{}", 16), "header would have");
    assertRefused(new byte[0], "truncated: 0 bytes");
    assertRefused(file(60, "", 0), "truncated: its header should have 60 bytes");
    assertRefused(file(1, "\u00ff", 0), "not valid UTF-8");
    assertRefused(file(1, "{", 0), "not valid JSON");
  }

  /** {@code test_json_attack}: ten names for the same bytes. */
  @Test
  void refusesManyNamesForTheSameBytes() {
    StringBuilder json = new StringBuilder();
    for (int i = 0; i < 10; i++) {
      json.append(i == 0 ? "{" : ",")
          .append(
              "\"weight_%s\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}"
                  .formatted(i));
    }
    json.append('}');
    assertRefused(file(json.length(), json.toString(), 16), "overlaps");
  }

  @ParameterizedTest
  @CsvSource({"'{}\r \t\n'", "'\t\n{}\r '", "'{}    '", "'    {}'"})
  void whiteSpaceAroundTheHeader(String header) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.of(file(6, header, 0), "padded")) {
      assertThat(file.names()).isEmpty();
    }
  }

  /** {@code test_simple.py}: without padding, so that no tensor lies where its type would. */
  @Test
  void tensorsNeedNotBeAligned() throws IOException {
    String json =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
            + "\"b\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[1,9]}}";
    byte[] bytes = file(json.length(), json, 9);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putDouble(bytes.length - 8, 0.5);
    Path path = folder.resolve("odd.safetensors");
    Files.write(path, bytes);
    try (SafetensorsFile mapped = SafetensorsFile.open(path);
        SafetensorsFile inMemory = SafetensorsFile.of(bytes, "odd")) {
      assertThat(mapped.readFloats("b")).containsExactly(0.5f);
      assertThat(inMemory.readFloats("b")).containsExactly(0.5f);
    }
  }

  private static void assertRefused(byte[] file, String reason) {
    assertThatExceptionOfType(SafetensorsException.class)
        .isThrownBy(() -> SafetensorsFile.of(file, "test").close())
        .withMessageContaining(reason);
  }
}
