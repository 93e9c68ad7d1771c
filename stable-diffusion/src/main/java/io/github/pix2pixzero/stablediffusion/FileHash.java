package io.github.pix2pixzero.stablediffusion;

import com.google.common.hash.Hashing;
import com.google.common.io.ByteSource;
import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;

/** Names files by what is in them: 12 hexadecimal digits of a SHA-256, as A1111 and its kin do. */
final class FileHash {
  private static final int DIGITS = 12;

  private FileHash() {}

  /** The hash of a whole file. */
  static String of(Path file) throws IOException {
    return of(MoreFiles.asByteSource(file));
  }

  /** The same of a safetensors file's weights alone, so that notes in its header do not count. */
  static String ofWeights(Path file) throws IOException {
    ByteSource bytes = MoreFiles.asByteSource(file);
    if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".safetensors")) {
      return of(bytes);
    }
    byte[] length = bytes.slice(0, Long.BYTES).read();
    long header = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return of(bytes.slice(Long.BYTES + header, Long.MAX_VALUE - Long.BYTES - header));
  }

  private static String of(ByteSource bytes) throws IOException {
    return bytes.hash(Hashing.sha256()).toString().substring(0, DIGITS);
  }
}
