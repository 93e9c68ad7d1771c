package io.github.pix2pixzero.picture;

import com.google.common.primitives.Bytes;
import java.awt.color.ICC_Profile;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.InflaterInputStream;

/**
 * Files made so that ImageIO's readers show what browsers and libjpeg, libpng and libwebp show: of
 * two statements that contradict one another the one that those believe, and nothing in place of
 * what they ignore.
 */
final class PictureBytes {
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

  /** How many bytes tell a PNG. */
  static final int PNG_BYTES = PNG.length;

  private static final int PNG_CHUNK = 12;

  /** Colour types of PNG with an alpha channel of their own. */
  private static final int GREY_ALPHA = 4;

  private static final int RGB_ALPHA = 6;
  private static final int MAX_PROFILE_BYTES = 1 << 24;

  private static final int RIFF_HEADER = 12;
  private static final int RIFF_CHUNK = 8;
  private static final int VP8X_FLAGS = RIFF_HEADER + RIFF_CHUNK;
  private static final int HAS_PROFILE = 0x20;
  private static final int HAS_ALPHA = 0x10;

  private PictureBytes() {}

  /** Whether a file's format is one in which something may be amiss that is mended here. */
  static boolean isMendable(byte[] start) {
    return isPng(start) || isWebp(start) || isJpeg(start);
  }

  static boolean isPng(byte[] file) {
    return Bytes.indexOf(file, PNG) == 0;
  }

  private static boolean isWebp(byte[] file) {
    return file.length > VP8X_FLAGS && name(file, 0).equals("RIFF") && name(file, 8).equals("WEBP");
  }

  private static boolean isJpeg(byte[] file) {
    return file.length > 2 && (file[0] & 0xff) == 0xff && (file[1] & 0xff) == 0xd8;
  }

  /**
   * A file mended; may be the array that was given.
   *
   * @throws EOFException if it is a progressive JPEG without its end
   */
  static byte[] mended(byte[] file) throws IOException {
    if (isPng(file)) {
      return withoutUselessTransparency(file);
    }
    if (isWebp(file)) {
      hideBrokenProfile(file);
    } else if (isJpeg(file)) {
      JpegMarkers.mend(file);
    }
    return file;
  }

  // ------------------------------------------------------------------ PNG

  /** Leaves out the chunk tRNS where pixels have alpha, as libpng does. */
  private static byte[] withoutUselessTransparency(byte[] file) {
    int colourType = file.length > 25 ? file[25] : 0;
    int at = chunk(file, "tRNS");
    if (at < 0 || (colourType != GREY_ALPHA && colourType != RGB_ALPHA)) {
      return file;
    }
    int end = at + PNG_CHUNK + ByteBuffer.wrap(file).getInt(at);
    byte[] rest = new byte[file.length - (end - at)];
    System.arraycopy(file, 0, rest, 0, at);
    System.arraycopy(file, end, rest, at, file.length - end);
    return rest;
  }

  /** Where a chunk in front of the pixels begins; -1 if there is none that is whole. */
  private static int chunk(byte[] file, String wanted) {
    ByteBuffer bytes = ByteBuffer.wrap(file);
    int at = PNG.length;
    while (at + PNG_CHUNK <= file.length) {
      int length = bytes.getInt(at);
      String name = name(file, at + 4);
      if (length < 0 || length > file.length - at - PNG_CHUNK || name.equals("IDAT")) {
        return -1;
      }
      if (name.equals(wanted)) {
        return at;
      }
      at += PNG_CHUNK + length;
    }
    return -1;
  }

  /**
   * The colour profile of a PNG, which ImageIO's reader leaves alone; null if there is none, or
   * none that can be read.
   */
  static ICC_Profile profile(byte[] file) {
    int at = isPng(file) ? chunk(file, "iCCP") : -1;
    if (at < 0) {
      return null;
    }
    int end = at + 8 + ByteBuffer.wrap(file).getInt(at);
    int compressed = at + 8;
    while (compressed < end && file[compressed] != 0) { // its name
      compressed++;
    }
    compressed += 2; // the end of the name, and the only method there is
    if (compressed >= end) {
      return null;
    }
    try (InflaterInputStream inflated =
        new InflaterInputStream(new ByteArrayInputStream(file, compressed, end - compressed))) {
      return ICC_Profile.getInstance(inflated.readNBytes(MAX_PROFILE_BYTES));
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }

  // ------------------------------------------------------------------ WebP

  private static void hideBrokenProfile(byte[] file) {
    int at = riffChunk(file, "ICCP");
    if (at < 0) {
      return;
    }
    int from = at + RIFF_CHUNK;
    int length = Math.min(int24(file, at + 4), file.length - from);
    try {
      ICC_Profile.getInstance(Arrays.copyOfRange(file, from, from + length));
    } catch (IllegalArgumentException e) {
      file[at] = 'X'; // unknown chunks are passed over
      file[VP8X_FLAGS] &= (byte) ~HAS_PROFILE;
    }
  }

  private static int riffChunk(byte[] file, String wanted) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int at = RIFF_HEADER;
    while (at + RIFF_CHUNK <= file.length) {
      if (name(file, at).equals(wanted)) {
        return at;
      }
      long next = at + RIFF_CHUNK + (bytes.getInt(at + 4) & 0xffffffffL);
      if (next > file.length) {
        return -1;
      }
      at = (int) (next + (next & 1));
    }
    return -1;
  }

  /**
   * Where the first frame of an animated WebP lies: canvas width and height, and left and top; null
   * for other files.
   */
  static int[] webpCanvas(byte[] file) {
    if (!isWebp(file)) {
      return null;
    }
    int frame = riffChunk(file, "ANMF");
    int header = riffChunk(file, "VP8X");
    if (frame < 0 || header < 0 || frame + 14 > file.length || header + 18 > file.length) {
      return null;
    }
    return new int[] {
      1 + int24(file, header + 12),
      1 + int24(file, header + 15),
      2 * int24(file, frame + 8),
      2 * int24(file, frame + 11)
    };
  }

  /** Whether a WebP with an extended header says that it has transparency. */
  static boolean isTransparentWebp(byte[] file) {
    return (file[VP8X_FLAGS] & HAS_ALPHA) != 0;
  }

  private static int int24(byte[] file, int at) {
    return file[at] & 0xff | (file[at + 1] & 0xff) << 8 | (file[at + 2] & 0xff) << 16;
  }

  private static String name(byte[] file, int at) {
    return new String(file, at, 4, StandardCharsets.ISO_8859_1);
  }
}
