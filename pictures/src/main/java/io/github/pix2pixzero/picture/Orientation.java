package io.github.pix2pixzero.picture;

import com.google.common.io.ByteStreams;
import com.twelvemonkeys.imageio.metadata.Entry;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEG;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEGSegment;
import com.twelvemonkeys.imageio.metadata.jpeg.JPEGSegmentUtil;
import com.twelvemonkeys.imageio.metadata.tiff.TIFF;
import com.twelvemonkeys.imageio.metadata.tiff.TIFFReader;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import javax.imageio.stream.ImageInputStream;

/** How a camera was held: the tag Orientation of EXIF 3.0 (4.6.5), values 1 to 8. */
final class Orientation {
  private static final int UPRIGHT = 1;
  private static final long MAX_EXIF_BYTES = 1 << 24;

  private Orientation() {}

  /**
   * The orientation that a file asks for; upright where it says nothing, or nothing that makes
   * sense: what is wrong about EXIF is no reason to refuse a picture.
   *
   * @param in left at an unknown position
   * @param format as ImageIO calls it, in lower case
   */
  static int of(ImageInputStream in, String format) {
    try {
      in.seek(0);
      byte[] exif =
          switch (format) {
            case "jpeg", "jpg" -> inJpeg(in);
            case "png" -> inChunks(in, 8, ByteOrder.BIG_ENDIAN, "eXIf");
            case "webp" -> inChunks(in, 12, ByteOrder.LITTLE_ENDIAN, "EXIF");
            default -> null;
          };
      if (format.contains("tif")) {
        return read(in);
      }
      return exif == null ? UPRIGHT : read(new ByteArrayImageInputStream(withoutPrefix(exif)));
    } catch (IOException | RuntimeException e) {
      return UPRIGHT;
    }
  }

  private static int read(ImageInputStream tiff) throws IOException {
    Entry entry = new TIFFReader().read(tiff).getEntryById(TIFF.TAG_ORIENTATION);
    int value = entry == null ? UPRIGHT : ((Number) entry.getValue()).intValue();
    return value >= 1 && value <= 8 ? value : UPRIGHT;
  }

  private static byte[] inJpeg(ImageInputStream in) throws IOException {
    List<JPEGSegment> segments = JPEGSegmentUtil.readSegments(in, JPEG.APP1, "Exif");
    if (segments.isEmpty()) {
      return null;
    }
    try (InputStream data = segments.get(0).data()) {
      ByteStreams.skipFully(data, 1); // pads "Exif\0" to six bytes
      return data.readAllBytes();
    }
  }

  /** The content of a chunk of a PNG or RIFF file. */
  private static byte[] inChunks(ImageInputStream in, long first, ByteOrder order, String wanted)
      throws IOException {
    boolean riff = order == ByteOrder.LITTLE_ENDIAN;
    in.setByteOrder(order);
    in.seek(first);
    byte[] name = new byte[4];
    while (true) { // ends with an EOFException, or at PNG's last chunk
      long length = 0;
      if (riff) {
        in.readFully(name);
        length = in.readUnsignedInt();
      } else {
        length = in.readUnsignedInt();
        in.readFully(name);
      }
      if (new String(name, StandardCharsets.ISO_8859_1).equals(wanted)
          && length <= MAX_EXIF_BYTES) {
        byte[] content = new byte[(int) length];
        in.readFully(content);
        return content;
      }
      in.seek(in.getStreamPosition() + length + (riff ? length & 1 : 4));
    }
  }

  /** Some writers of WebP put the prefix of JPEG there too. */
  private static byte[] withoutPrefix(byte[] exif) {
    boolean prefixed =
        exif.length > 6 && new String(exif, 0, 4, StandardCharsets.ISO_8859_1).equals("Exif");
    return prefixed ? Arrays.copyOfRange(exif, 6, exif.length) : exif;
  }

  /** The picture turned and mirrored as an orientation says. */
  static BufferedImage upright(BufferedImage rgb, int orientation) {
    if (orientation == UPRIGHT) {
      return rgb;
    }
    int w = rgb.getWidth();
    int h = rgb.getHeight();
    boolean swapped = orientation >= 5;
    int width = swapped ? h : w;
    int height = swapped ? w : h;
    BufferedImage turned = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        row[x] =
            switch (orientation) {
              case 2 -> rgb.getRGB(w - 1 - x, y);
              case 3 -> rgb.getRGB(w - 1 - x, h - 1 - y);
              case 4 -> rgb.getRGB(x, h - 1 - y);
              case 5 -> rgb.getRGB(y, x);
              case 6 -> rgb.getRGB(y, h - 1 - x);
              case 7 -> rgb.getRGB(w - 1 - y, h - 1 - x);
              default -> rgb.getRGB(w - 1 - y, x);
            };
      }
      turned.setRGB(0, y, width, 1, row, 0, width);
    }
    return turned;
  }
}
