package io.github.pix2pixzero.picture;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.awt.Color;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.ByteOrder;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Pictures in files, streams and memory: reads PNG, JPEG, WebP, TIFF, BMP and GIF whatever their
 * name says, writes PNG, JPEG, BMP and TIFF by their name.
 */
public final class PictureFiles {
  private static final long MAX_PIXELS = 100_000_000;
  private static final int START_BYTES = 64;
  private static final float JPEG_QUALITY = 0.95f;

  private static final ImmutableSet<String> READABLE =
      ImmutableSet.of("png", "jpeg", "jpg", "webp", "tiff", "tif", "bigtiff", "bmp", "gif");
  private static final ImmutableMap<String, String> FORMAT_OF_EXTENSION =
      ImmutableMap.of(
          "png", "png", "jpg", "jpeg", "jpeg", "jpeg", "bmp", "bmp", "tif", "tiff", "tiff", "tiff");

  private PictureFiles() {}

  /** {@link #read(Path, Color)} on white. */
  public static BufferedImage read(Path file) throws IOException {
    return read(file, Color.WHITE);
  }

  /**
   * Reads a picture, of an animation or a document the first, and turns it as its EXIF orientation
   * says. A JPEG may lack its end marker, as those of some cameras do, but no pixels.
   *
   * @param background what is transparent lies on it
   * @return the picture in 8-bit RGB
   * @throws IOException naming the file, if it is missing, no picture, damaged or cut short, or of
   *     more than 100 megapixels, which is found out before they are decoded
   */
  public static BufferedImage read(Path file, Color background) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file.toAbsolutePath() + " is a folder, not a picture");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), background, MAX_PIXELS);
    } catch (NoSuchFileException e) {
      throw new FileNotFoundException("no such file: " + file);
    } catch (AccessDeniedException e) {
      throw new IOException("no permission to read " + file, e);
    }
  }

  /**
   * Reads a picture from memory, such as an upload, as {@link #read(Path)} does from a file.
   *
   * @throws IOException if it is no picture, damaged or cut short, or of more than 100 megapixels
   */
  public static BufferedImage read(byte[] bytes) throws IOException {
    return read(new ByteArrayInputStream(bytes));
  }

  /** {@link #read(InputStream, Color)} on white. */
  public static BufferedImage read(InputStream in) throws IOException {
    return read(in, Color.WHITE);
  }

  /**
   * Reads a picture from a stream, which need not be buffered and stays open, as {@link #read(Path,
   * Color)} does from a file. How much is read beyond the picture is not said.
   *
   * @throws IOException if it is no picture, damaged or cut short, or of more than 100 megapixels
   */
  public static BufferedImage read(InputStream in, Color background) throws IOException {
    return read(in, "what was given", background, MAX_PIXELS);
  }

  /**
   * Reads a picture from memory as {@link #read(InputStream, Color)} does, of no more than so many
   * pixels: what a stranger has sent should not cost more memory than that.
   *
   * @throws IOException if it is no picture, damaged or cut short, or of more pixels, which is
   *     found out before they are decoded
   */
  public static BufferedImage read(byte[] bytes, Color background, long maxPixels)
      throws IOException {
    return read(new ByteArrayInputStream(bytes), "what was given", background, maxPixels);
  }

  private static BufferedImage read(InputStream in, String name, Color background, long maxPixels)
      throws IOException {
    byte[] start = in.readNBytes(START_BYTES);
    String other = OtherFormats.name(start);
    if (other != null) {
      throw new IOException(
          "%s is a picture in %s, which is not read; convert it to PNG, for example with"
                  .formatted(name, other)
              + " ImageMagick: magick %s %s.png".formatted(name, name));
    }
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(start), in);
    byte[] bytes = PictureBytes.isMendable(start) ? mended(whole, name) : null;
    try (ImageInputStream seekable =
        new MemoryCacheImageInputStream(bytes == null ? whole : new ByteArrayInputStream(bytes))) {
      return read(seekable, bytes, name, background, maxPixels);
    }
  }

  /** What shows where no frame of an animated WebP is. */
  private static Color canvasColour(byte[] bytes, Color background) {
    return PictureBytes.isTransparentWebp(bytes) ? background : Color.BLACK;
  }

  private static byte[] mended(InputStream in, String name) throws IOException {
    byte[] bytes = in.readAllBytes();
    try {
      return PictureBytes.mended(bytes);
    } catch (EOFException e) {
      throw new IOException(name + " is damaged or cut short: " + e.getMessage(), e);
    }
  }

  /**
   * @param bytes the whole file, if it was read already
   */
  private static BufferedImage read(
      ImageInputStream in, byte[] bytes, String name, Color background, long maxPixels)
      throws IOException {
    ImageReader reader = reader(in, name);
    MissingPixels missing = new MissingPixels();
    try {
      reader.addIIOReadWarningListener(missing);
      String format = reader.getFormatName().toLowerCase(Locale.ROOT);
      int orientation = Orientation.of(in, format); // readers let go of what they have passed
      boolean tiff = format.contains("tif");
      int extraSamples = tiff ? TiffAlpha.meaning(in) : 0;
      in.setByteOrder(ByteOrder.BIG_ENDIAN);
      in.seek(0);
      reader.setInput(in, true, true);
      boolean gif = format.equals("gif");
      int[] animation = bytes == null ? null : PictureBytes.webpCanvas(bytes);
      int[] canvas = gif ? GifCanvas.size(reader) : animation == null ? new int[2] : animation;
      long width = Math.max(reader.getWidth(0), canvas[0]);
      long height = Math.max(reader.getHeight(0), canvas[1]);
      if (width * height > maxPixels) {
        throw new TooLargeException(name, width, height, maxPixels);
      }
      BufferedImage stored = reader.read(0);
      if (tiff) {
        stored = TiffAlpha.apply(stored, extraSamples);
      }
      ICC_Profile profile = bytes == null ? null : PictureBytes.profile(bytes);
      if (profile != null) {
        stored = ColourProfiles.toSrgb(stored, profile);
      }
      BufferedImage picture = RgbPictures.toRgb(stored, background);
      if (missing.seen) {
        throw new IOException("the file ends early");
      }
      if (animation != null) {
        picture = GifCanvas.with(picture, animation, canvasColour(bytes, background));
      }
      return gif
          ? GifCanvas.with(picture, reader, background)
          : Orientation.upright(picture, orientation);
    } catch (TooLargeException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // Readers throw anything at damaged files.
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      boolean unsupported =
          reason.toLowerCase(Locale.ROOT).contains("unsupported")
              || reason.contains("Unknown TIFF Compression");
      throw new IOException(
          "%s is %s: %s"
              .formatted(
                  name,
                  unsupported ? "of a kind that is not supported" : "damaged or cut short",
                  reason),
          e);
    } finally {
      reader.dispose();
    }
  }

  private static ImageReader reader(ImageInputStream in, String name) throws IOException {
    Readers.register();
    Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (READABLE.contains(reader.getFormatName().toLowerCase(Locale.ROOT))) {
        return reader;
      }
      reader.dispose();
    }
    throw new IOException(name + " is not a picture (PNG, JPEG, WebP, TIFF, BMP or GIF)");
  }

  /** Whether {@link #write} knows the format that a file's name asks for. */
  public static boolean isWritableName(Path file) {
    return FORMAT_OF_EXTENSION.containsKey(extension(file));
  }

  /**
   * Writes a picture as 8-bit RGB, whole or not at all, in the format that the file's extension
   * asks for: png, jpg, jpeg, bmp, tif or tiff.
   *
   * @throws IOException if the extension is none of these, or the file cannot be written
   */
  public static void write(BufferedImage picture, Path file) throws IOException {
    write(picture, file, ImmutableMap.of());
  }

  /**
   * Writes a picture as {@link #write(BufferedImage, Path)} does, into a PNG with texts.
   *
   * @param texts by keyword, such as {@link PngTexts#PARAMETERS}; the other formats leave them out
   * @throws IOException if the extension is none of a format, or the file cannot be written
   */
  public static void write(BufferedImage picture, Path file, Map<String, String> texts)
      throws IOException {
    if (!isWritableName(file)) {
      throw new IOException(
          "%s: the name of a picture should end in one of %s"
              .formatted(file, String.join(", ", FORMAT_OF_EXTENSION.keySet())));
    }
    String format = FORMAT_OF_EXTENSION.get(extension(file));
    AtomicFiles.write(file, out -> encode(RgbPictures.toRgb(picture), format, texts, out));
  }

  /**
   * Writes a picture as 8-bit RGB to a stream, such as the answer to a request, which stays open.
   *
   * @param format png, jpg, jpeg, bmp, tif or tiff
   * @param texts for a PNG, by keyword; the other formats leave them out
   * @throws IOException if the format is none of these, or the stream fails
   */
  public static void write(
      BufferedImage picture, String format, Map<String, String> texts, OutputStream out)
      throws IOException {
    String known = FORMAT_OF_EXTENSION.get(format.toLowerCase(Locale.ROOT));
    if (known == null) {
      throw new IOException(
          "the format of a picture should be one of %s, it is %s"
              .formatted(String.join(", ", FORMAT_OF_EXTENSION.keySet()), format));
    }
    encode(RgbPictures.toRgb(picture), known, texts, out);
  }

  private static void encode(
      BufferedImage picture, String format, Map<String, String> texts, OutputStream out)
      throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName(format).next();
    try (ImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      ImageWriteParam settings = writer.getDefaultWriteParam();
      if (format.equals("jpeg")) {
        settings.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        settings.setCompressionQuality(JPEG_QUALITY);
      }
      IIOMetadata metadata = null;
      if (format.equals("png")) {
        metadata = writer.getDefaultImageMetadata(new ImageTypeSpecifier(picture), settings);
        PngTexts.add(texts, metadata);
      }
      writer.setOutput(stream);
      writer.write(null, new IIOImage(picture, null, metadata), settings);
    } finally {
      writer.dispose();
    }
  }

  private static String extension(Path file) {
    return MoreFiles.getFileExtension(file).toLowerCase(Locale.ROOT);
  }

  /**
   * Hears whether a reader has filled up pixels that are not in a file. That a JPEG lacks its end
   * marker has a warning of its own.
   */
  private static final class MissingPixels implements IIOReadWarningListener {
    private boolean seen;

    @Override
    public void warningOccurred(ImageReader source, String warning) {
      seen |= warning.contains("premature end of data"); // the JDK's JPEG reader
    }
  }

  private static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1;

    TooLargeException(String name, long width, long height, long maxPixels) {
      super(
          "%s is %s x %s pixels, pictures of more than %s megapixels are not read"
              .formatted(name, width, height, maxPixels / 1_000_000));
    }
  }
}
