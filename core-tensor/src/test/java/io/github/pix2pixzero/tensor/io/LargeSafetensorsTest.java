package io.github.pix2pixzero.tensor.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of 5 GiB, all but its ends a hole that takes no place on the disk. */
class LargeSafetensorsTest {
  private static final long HOLE = 5L << 30;
  private static final long WINDOW = 1L << 30;

  @TempDir Path folder;

  private Path file() throws IOException {
    String header =
        ("{\"hole\":{\"dtype\":\"U8\",\"shape\":[5,1073741824],\"data_offsets\":[0,%s]},"
                + "\"across\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[%s,%s]},"
                + "\"last\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[%s,%s]}}")
            .formatted(HOLE, HOLE, HOLE + 16, HOLE + 16, HOLE + 20);
    Path file = folder.resolve("large.safetensors");
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      ByteBuffer start = ByteBuffer.allocate(8 + header.length()).order(ByteOrder.LITTLE_ENDIAN);
      start.putLong(header.length()).put(header.getBytes(US_ASCII)).flip();
      ByteBuffer end = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
      end.putFloat(1).putFloat(2).putFloat(3).putFloat(4);
      end.putShort((short) 0x3c00).putShort((short) 0xc000).flip();
      long data = start.limit();
      out.write(start);
      out.write(end, data + HOLE);
    }
    return file;
  }

  @Test
  void readsNearTheEnd() throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(file())) {
      assertThat(file.readFloats("across")).containsExactly(1, 2, 3, 4);
      assertThat(file.readFloats("last")).containsExactly(1, -2);
      assertThat(file.entry("hole").byteSize()).isEqualTo(5 * WINDOW);
      assertThatExceptionOfType(SafetensorsException.class)
          .isThrownBy(() -> file.readLongs("hole"))
          .withMessageContaining("larger than 2 GiB");
    }
  }
}
