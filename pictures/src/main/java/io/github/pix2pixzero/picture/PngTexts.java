package io.github.pix2pixzero.picture;

import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Bytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.w3c.dom.Node;

/**
 * The texts in a PNG file, by keyword: chunks tEXt, zTXt and iTXt (PNG, third edition, 11.3.3). The
 * tools around Stable Diffusion keep how a picture was made under {@link #PARAMETERS}.
 */
public final class PngTexts {
  /** The keyword of the text that says how a picture was made. */
  public static final String PARAMETERS = "parameters";

  private static final String FORMAT = "javax_imageio_png_1.0";

  private PngTexts() {}

  /**
   * Reads the texts in front of a PNG file's pixels; where a keyword is used twice, the last.
   *
   * @return empty for a picture of another format, and for a PNG without texts
   * @throws IOException naming the file, if it cannot be read or is damaged
   */
  public static ImmutableMap<String, String> read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(PictureBytes.PNG_BYTES);
      return PictureBytes.isPng(start)
          ? read(Bytes.concat(start, in.readAllBytes()), file.toString())
          : ImmutableMap.of();
    }
  }

  /** {@link #read(Path)} of a picture in memory. */
  public static ImmutableMap<String, String> read(byte[] bytes) throws IOException {
    return PictureBytes.isPng(bytes) ? read(bytes, "what was given") : ImmutableMap.of();
  }

  private static ImmutableMap<String, String> read(byte[] png, String name) throws IOException {
    InputStream in = new ByteArrayInputStream(PictureBytes.mended(png));
    try (ImageInputStream seekable = new MemoryCacheImageInputStream(in)) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(seekable);
      ImageReader reader = readers.hasNext() ? readers.next() : null;
      if (reader == null || !reader.getFormatName().equalsIgnoreCase("png")) {
        return ImmutableMap.of();
      }
      try {
        reader.setInput(seekable, true, false);
        return texts(reader.getImageMetadata(0).getAsTree(FORMAT));
      } catch (IOException | RuntimeException e) { // readers throw anything at damaged files
        throw new IOException(name + " is damaged: " + e.getMessage(), e);
      } finally {
        reader.dispose();
      }
    }
  }

  private static ImmutableMap<String, String> texts(Node root) {
    ImmutableMap.Builder<String, String> texts = ImmutableMap.builder();
    for (Node chunk = root.getFirstChild(); chunk != null; chunk = chunk.getNextSibling()) {
      String value =
          switch (chunk.getNodeName()) {
            case "tEXt" -> "value";
            case "zTXt", "iTXt" -> "text";
            default -> null;
          };
      if (value == null) {
        continue;
      }
      for (Node entry = chunk.getFirstChild(); entry != null; entry = entry.getNextSibling()) {
        texts.put(attribute(entry, "keyword"), attribute(entry, value));
      }
    }
    return texts.buildKeepingLast();
  }

  private static String attribute(Node entry, String name) {
    return entry.getAttributes().getNamedItem(name).getNodeValue();
  }

  /** Adds texts to what is to be written with a picture: as Latin-1 if they are, else as UTF-8. */
  static void add(Map<String, String> texts, IIOMetadata metadata) {
    IIOMetadataNode latin = new IIOMetadataNode("tEXt");
    IIOMetadataNode international = new IIOMetadataNode("iTXt");
    texts.forEach(
        (keyword, text) -> {
          if (StandardCharsets.ISO_8859_1.newEncoder().canEncode(text)) {
            IIOMetadataNode entry = new IIOMetadataNode("tEXtEntry");
            entry.setAttribute("keyword", keyword);
            entry.setAttribute("value", text);
            latin.appendChild(entry);
          } else {
            IIOMetadataNode entry = new IIOMetadataNode("iTXtEntry");
            entry.setAttribute("keyword", keyword);
            entry.setAttribute("compressionFlag", "FALSE");
            entry.setAttribute("compressionMethod", "0");
            entry.setAttribute("languageTag", "");
            entry.setAttribute("translatedKeyword", "");
            entry.setAttribute("text", text);
            international.appendChild(entry);
          }
        });
    IIOMetadataNode root = new IIOMetadataNode(FORMAT);
    for (IIOMetadataNode chunk : new IIOMetadataNode[] {latin, international}) {
      if (chunk.hasChildNodes()) {
        root.appendChild(chunk);
      }
    }
    try {
      metadata.mergeTree(FORMAT, root);
    } catch (IIOInvalidTreeException e) {
      throw new IllegalArgumentException("no texts for a PNG: " + texts, e);
    }
  }
}
