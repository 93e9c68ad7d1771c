package io.github.pix2pixzero.picture;

import java.nio.charset.StandardCharsets;

/** Pictures of formats that are not read, which people should hear of by their names. */
final class OtherFormats {
  private OtherFormats() {}

  /**
   * The name of the format.
   *
   * @param start at least twelve bytes of a file
   * @return null if it is none of these
   */
  static String name(byte[] start) {
    if (start.length < 12) {
      return null;
    }
    String text = new String(start, StandardCharsets.ISO_8859_1);
    if (text.startsWith("ftyp", 4)) {
      String brand = text.substring(8, 12);
      return switch (brand) {
        case "avif", "avis" -> "AVIF";
        case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1" ->
            text.contains("avif") ? "AVIF" : "HEIC";
        default -> null;
      };
    }
    if (text.startsWith("jP  ", 4) || text.startsWith("\u00ffO\u00ffQ")) {
      return "JPEG 2000";
    }
    if (text.startsWith("JXL ", 4) || text.startsWith("\u00ff\n")) {
      return "JPEG XL";
    }
    return null;
  }
}
