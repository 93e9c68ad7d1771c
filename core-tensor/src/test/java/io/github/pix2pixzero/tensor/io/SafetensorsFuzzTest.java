package io.github.pix2pixzero.tensor.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Damaged files and damaged headers; see {@link Fuzzer}. */
class SafetensorsFuzzTest {
  private static final List<byte[]> WORDS =
      Stream.of(
              "{",
              "}",
              "[",
              "]",
              ",",
              ":",
              "\"",
              "\\u0000",
              "null",
              "true",
              "1e9",
              "-0",
              "0.5",
              "\"dtype\":",
              "\"F32\"",
              "\"F16\"",
              "\"I64\"",
              "\"U8\"",
              "\"shape\":",
              "[0]",
              "[]",
              "\"data_offsets\":",
              "[0,0]",
              "\"__metadata__\":{}",
              "\"__metadata__\":",
              "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}",
              "{\"a\":",
              "\u00e4",
              " ")
          .map(word -> word.getBytes(UTF_8))
          .toList();

  private static List<byte[]> corpus() throws IOException {
    byte[] python =
        Resources.toByteArray(Resources.getResource(Fuzzer.class, "python.safetensors"));
    String one = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    return List.of(python, withLength((one + "12345678").getBytes(UTF_8), one.length()));
  }

  private static byte[] withLength(byte[] rest, long length) {
    return ByteBuffer.allocate(8 + rest.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(rest)
        .array();
  }

  /** Reads everything; whatever is accepted must make sense. */
  private static String read(byte[] bytes) throws IOException {
    try (SafetensorsFile file = SafetensorsFile.of(bytes, "fuzz")) {
      long total = 0;
      StringBuilder outcome = new StringBuilder("read");
      for (String name : file.names()) {
        SafetensorsFile.Entry entry = file.entry(name);
        int count =
            entry.type().isFloating() ? file.readFloats(name).length : file.readLongs(name).length;
        assertThat((long) count).isEqualTo(entry.elementCount());
        assertThat(file.readBytes(name).remaining()).isEqualTo((int) entry.byteSize());
        total += entry.byteSize();
        outcome.append(' ').append(entry.type());
      }
      assertThat(total).isLessThanOrEqualTo(bytes.length - 8L);
      return outcome.toString();
    } catch (SafetensorsException e) {
      assertThat(e).hasMessageStartingWith("fuzz: ");
      return kind(e);
    }
  }

  /** A complaint without what it names. */
  static String kind(Exception e) {
    String start = e.getMessage().substring(0, Math.min(200, e.getMessage().length()));
    return start.replaceAll("'.*'|\\[.*\\]|\\d+|\\(.*\\)", "#");
  }

  @Test
  void files() throws IOException {
    assertThat(new Fuzzer(corpus(), WORDS).run(20_000, SafetensorsFuzzTest::read))
        .hasSizeGreaterThan(20);
  }

  /** The length is made right again, so that all the damage is to what it counts. */
  @Test
  void headers() throws IOException {
    List<byte[]> headers =
        corpus().stream()
            .map(ByteBuffer::wrap)
            .map(
                file -> {
                  byte[] header = new byte[(int) file.order(ByteOrder.LITTLE_ENDIAN).getLong()];
                  file.get(header);
                  return header;
                })
            .toList();
    int data = 111;
    assertThat(
            new Fuzzer(headers, WORDS)
                .run(
                    20_000,
                    header -> {
                      byte[] rest = new byte[header.length + data];
                      System.arraycopy(header, 0, rest, 0, header.length);
                      return read(withLength(rest, header.length));
                    }))
        .hasSizeGreaterThan(30);
  }
}
