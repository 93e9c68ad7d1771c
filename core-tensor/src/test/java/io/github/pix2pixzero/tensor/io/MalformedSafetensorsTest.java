package io.github.pix2pixzero.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MalformedSafetensorsTest {
  private static byte[] file(long headerLength, byte[] header, int dataLength) {
    return ByteBuffer.allocate(Long.BYTES + header.length + dataLength)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerLength)
        .put(header)
        .array();
  }

  private static void assertRefused(byte[] file, String reason) {
    assertThatExceptionOfType(SafetensorsException.class)
        .isThrownBy(() -> SafetensorsFile.of(file, "bad.safetensors").close())
        .withMessageStartingWith("bad.safetensors: ")
        .withMessageContaining(reason);
  }

  private static void assertHeaderRefused(String header, int dataLength, String reason) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    assertRefused(file(json.length, json, dataLength), reason);
  }

  @ParameterizedTest
  @CsvSource({
    "3, 0, truncated: its header should have 3 bytes",
    "99999999, 2, truncated: its header should have 99999999 bytes",
    "100000001, 2, its header would have 100000001 bytes",
    "-1, 2, its header would have 18446744073709551615 bytes",
    "-9223372036854775808, 2, its header would have 9223372036854775808 bytes",
  })
  void headerLength(long length, int present, String reason) {
    assertRefused(file(length, new byte[present], 0), reason);
  }

  @Test
  void tooShortForALength() {
    assertRefused(new byte[0], "truncated: 0 bytes");
    assertRefused(new byte[7], "truncated: 7 bytes");
  }

  @Test
  void gitLfsPointer() {
    String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    assertRefused(pointer.getBytes(StandardCharsets.UTF_8), "Git LFS pointer");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                   | the header is not a JSON object",
        "'     '              | the header is not a JSON object",
        "'  []'               | the header is not a JSON object",
        "[]                   | the header is not a JSON object",
        "{                    | the header is not valid JSON",
        "{\"a\"               | the header is not valid JSON",
        "{'a':1}              | the header is not valid JSON",
        "{} {}                | the header goes on after its JSON object",
        "{}x                  | the header is not valid JSON",
        "{\"a\":1}            | tensor 'a' is not described by a JSON object",
        "{\"a\":{}}           | tensor 'a' has no dtype",
        "{\"__metadata__\":1} | __metadata__ is not a JSON object",
        "{\"__metadata__\":{\"steps\":50}}  | __metadata__ 'steps' is not a string",
        "{\"__metadata__\":{\"steps\":{}}}  | __metadata__ 'steps' is not a string",
        "{\"__metadata__\":{\"steps\":null}}| __metadata__ 'steps' is not a string",
        "{\"__metadata__\":{\"x\":\"1\",\"x\":\"1\"}}   | Duplicate field 'x'",
        "{\"\\ud800\":{}}     | Broken surrogate pair in field name",
        "{\"__metadata__\":{\"x\":\"\\udc00\"}} | 'x' holds half a surrogate pair",
        "{\"__metadata__\":{},\"__metadata__\":{}}      | Duplicate field '__metadata__'",
      })
  void headerText(String header, String reason) {
    assertHeaderRefused(header, 0, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'dtype':'F32','shape':[1]                            | has no data_offsets",
        "'dtype':'F32','data_offsets':[0,8]                   | has no shape",
        "'shape':[2],'data_offsets':[0,8]                     | has no dtype",
        "'dtype':'F8_E9M9','shape':[8],'data_offsets':[0,8]   | has unknown dtype 'F8_E9M9'",
        "'dtype':'f32','shape':[2],'data_offsets':[0,8]       | has unknown dtype 'f32'",
        "'dtype':1,'shape':[2],'data_offsets':[0,8]           | has unknown dtype '1'",
        "'dtype':'F32','shape':2,'data_offsets':[0,8]         | a shape that is not an array",
        "'dtype':'F32','shape':[-2],'data_offsets':[0,8]      | has -2 in its shape",
        "'dtype':'F32','shape':[2.0],'data_offsets':[0,8]     | has 2.0 in its shape",
        "'dtype':'F32','shape':['2'],'data_offsets':[0,8]     | has 2 in its shape",
        "'dtype':'F32','shape':[[2]],'data_offsets':[0,8]     | has START_ARRAY in its shape",
        "'dtype':'F32','shape':[null],'data_offsets':[0,8]    | has null in its shape",
        "'dtype':'F32','shape':[9223372036854775808],'data_offsets':[0,8] | 9223372036854775808",
        "'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,8] | overflows",
        "'dtype':'F32','shape':[4294967296,4294967296,0],'data_offsets':[0,0] | overflows",
        "'dtype':'F32','shape':[4611686018427387904],'data_offsets':[0,8] | overflows",
        "'dtype':'F32','shape':[3],'data_offsets':[0,8]       | needs 12 bytes as F32[3]",
        "'dtype':'F16','shape':[2],'data_offsets':[0,8]       | needs 4 bytes as F16[2]",
        "'dtype':'F32','shape':[0],'data_offsets':[0,8]       | needs 0 bytes",
        "'dtype':'F32','shape':[2],'data_offsets':[8,0]       | not a begin and an end",
        "'dtype':'F32','shape':[2],'data_offsets':[0]         | not a begin and an end",
        "'dtype':'F32','shape':[2],'data_offsets':[0,4,8]     | not a begin and an end",
        "'dtype':'F32','shape':[2],'data_offsets':[-8,0]      | has -8 in its data_offsets",
        "'dtype':'F32','shape':[2],'data_offsets':[1,9]       | ends at byte 9 of the data",
        "'dtype':'F32','shape':[1],'data_offsets':[4,8]       | leaves a hole before it",
        "'dtype':'F32','shape':[1],'data_offsets':[0,4]       | 4 bytes follow the last tensor",
        "'dtype':'F32','dtype':'F32','shape':[2],'data_offsets':[0,8] | Duplicate field 'dtype'",
        "'dtype':'F32','shape':[9000000000000],'data_offsets':[0,36000000000000] | truncated",
      })
  void tensorDescription(String description, String reason) {
    String header = "{'a':{" + description + "}}";
    assertHeaderRefused(header.replace('\'', '"'), 8, reason);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 8, 4, 12, overlaps the tensor before it", // partly
    "0, 8, 0, 8, overlaps the tensor before it", // two names for the same bytes
    "0, 8, 8, 16, ends at byte 16 of the data",
    "0, 4, 8, 12, leaves a hole before it",
    "8, 12, 0, 4, leaves a hole before it", // whatever the order in the header
  })
  void layoutOfTwo(int begin1, int end1, int begin2, int end2, String reason) {
    String entry = "\"%s\":{\"dtype\":\"U8\",\"shape\":[%s],\"data_offsets\":[%s,%s]}";
    String first = entry.formatted("a", end1 - begin1, begin1, end1);
    String second = entry.formatted("b", end2 - begin2, begin2, end2);
    assertHeaderRefused("{" + first + "," + second + "}", 12, reason);
  }

  @Test
  void duplicateTensor() {
    String entry = "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
    assertHeaderRefused("{" + entry + "," + entry + "}", 0, "Duplicate field 'a'");
  }

  @Test
  void deepNesting() {
    int depth = 100_000;
    String nested = "[".repeat(depth) + "]".repeat(depth);
    assertHeaderRefused("{\"a\":{\"extra\":" + nested + "}}", 0, "nesting depth");
    assertHeaderRefused("{\"a\":".repeat(depth) + "}".repeat(depth), 0, "nesting depth");
  }

  @Test
  void notUtf8() {
    byte[] header = "{\"\u00e4\":{}}".getBytes(StandardCharsets.ISO_8859_1);
    assertRefused(file(header.length, header, 0), "not valid UTF-8");
    byte[] wide = "{}".getBytes(StandardCharsets.UTF_16LE);
    assertRefused(file(wide.length, wide, 0), "not valid JSON");
  }

  @Test
  void everyTruncationOfAGoodFile() throws IOException {
    byte[] good = Resources.toByteArray(Resources.getResource(getClass(), "python.safetensors"));
    for (int length = 0; length < good.length; length++) {
      assertRefused(Arrays.copyOf(good, length), "truncated");
    }
    assertRefused(Arrays.copyOf(good, good.length + 1), "1 bytes follow");
  }

  @Test
  void everyDamagedByteOfAGoodFileIsReadOrRefused() throws IOException {
    byte[] good = Resources.toByteArray(Resources.getResource(getClass(), "python.safetensors"));
    int refused = 0;
    for (int position = 0; position < good.length; position++) {
      for (int flip : new int[] {0x01, 0x02, 0x10, 0x80, 0xff}) {
        byte[] damaged = good.clone();
        damaged[position] ^= (byte) flip;
        try (var file = SafetensorsFile.of(damaged, "damaged")) {
          for (String name : file.names()) {
            assertThat((long) file.readBytes(name).remaining())
                .isEqualTo(file.entry(name).byteSize());
          }
        } catch (SafetensorsException e) {
          refused++; // any other exception fails the test
        }
      }
    }
    assertThat(refused).isGreaterThan(good.length);
  }

  @Test
  void anEmptyHeaderObjectAndTrailingSpacesAreFine() throws IOException {
    byte[] header = "{}      ".getBytes(StandardCharsets.UTF_8);
    try (var file = SafetensorsFile.of(file(header.length, header, 0), "empty")) {
      assertThat(file.names()).isEmpty();
      assertThat(file.metadata()).isEmpty();
    }
  }
}
