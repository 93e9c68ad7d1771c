package io.github.pix2pixzero.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.twelvemonkeys.imageio.plugins.jpeg.JPEGImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.tiff.TIFFImageReaderSpi;
import com.twelvemonkeys.imageio.plugins.webp.WebPImageReaderSpi;
import java.awt.Color;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.spi.IIORegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PictureFilesTest {
  private static final int LEFT = 0xc86432;
  private static final int RIGHT = 0x143cdc;

  /** 20 % of {@link #LEFT} on white. */
  private static final int FAINT = 0xf4e0d6;

  @TempDir Path folder;

  // ------------------------------------------------------------------ reading

  @ParameterizedTest
  @CsvSource({
    "rgb.bmp, 0",
    "rgb.gif, 0",
    "rgb.tiff, 0",
    "lzw.tiff, 0",
    "palette.png, 0",
    "lossless.webp, 0",
    "rgb.jpg, 3",
    "progressive.jpg, 3",
    "lossy.webp, 3"
  })
  void readsEveryFormat(String name, int tolerance) throws IOException {
    BufferedImage picture = PictureFiles.read(resource(name));
    assertThat(picture.getType()).isEqualTo(BufferedImage.TYPE_INT_RGB);
    assertThat(picture.getWidth()).isEqualTo(8);
    assertThat(picture.getHeight()).isEqualTo(6);
    assertPixel(picture, 1, 1, LEFT, tolerance);
    assertPixel(picture, 6, 4, RIGHT, tolerance);
  }

  @ParameterizedTest
  @ValueSource(strings = {"alpha.png", "alpha.tiff", "alpha.webp"})
  void laysWhatIsTransparentOnWhite(String name) throws IOException {
    BufferedImage picture = PictureFiles.read(resource(name));
    assertPixel(picture, 1, 1, FAINT, 1);
    assertPixel(picture, 6, 4, RIGHT, 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"alpha.png", "alpha.tiff", "alpha.webp", "palette-alpha.png", "grey-clear.png"})
  void laysWhatIsTransparentOnTheBackgroundAskedFor(String name) throws IOException {
    Path file = folder.resolve(name);
    if (name.equals("grey-clear.png")) {
      ImageIO.write(clearGrey(), "png", file.toFile());
    } else {
      resource(name);
    }
    int background = 0x0a141e;
    // 20 % of LEFT on the background; the last two are wholly transparent.
    int expected = name.startsWith("alpha") ? 0x302422 : background;
    assertPixel(PictureFiles.read(file, new Color(background)), 1, 1, expected, 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "upright-1.jpg",
        "upright-2.jpg",
        "upright-3.jpg",
        "upright-4.jpg",
        "upright-5.jpg",
        "upright-6.jpg",
        "upright-7.jpg",
        "upright-8.jpg",
        "upright-6.png",
        "upright-6.webp",
        "upright-6.tiff"
      })
  void turnsAsTheCameraWasHeld(String name) throws IOException {
    BufferedImage picture = PictureFiles.read(resource(name));
    assertThat(picture.getWidth()).isEqualTo(32);
    assertThat(picture.getHeight()).isEqualTo(16);
    assertPixel(picture, 4, 4, LEFT, 3);
    assertPixel(picture, 28, 4, RIGHT, 3);
    assertPixel(picture, 4, 12, 0x28b43c, 3);
    assertPixel(picture, 28, 12, 0xf0f0f0, 3);
  }

  @Test
  void showsTheFirstFrameOfAGifOnItsCanvas() throws IOException {
    Path file = resource("rgb.gif");
    byte[] bytes = Files.readAllBytes(file);
    String latin = new String(bytes, StandardCharsets.ISO_8859_1);
    int frame = latin.indexOf(",\0\0\0\0\u0008\0\u0006\0");
    bytes[6] = 12; // width and height of the canvas
    bytes[8] = 9;
    bytes[frame + 1] = 3; // left and top of the frame
    bytes[frame + 3] = 2;
    Files.write(file, bytes);
    BufferedImage picture = PictureFiles.read(file, new Color(0x0a141e));
    assertThat(picture.getWidth()).isEqualTo(12);
    assertThat(picture.getHeight()).isEqualTo(9);
    assertPixel(picture, 2, 4, 0x0a141e, 0);
    assertPixel(picture, 3, 2, LEFT, 0);
    assertPixel(picture, 10, 7, RIGHT, 0);
    assertPixel(picture, 10, 8, 0x0a141e, 0);
    bytes[7] = (byte) 0xff; // 65,292 x 65,289
    bytes[9] = (byte) 0xff;
    Files.write(file, bytes);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PictureFiles.read(file))
        .withMessageContaining("megapixels are not read");
  }

  @Test
  void senselessOrientationsDoNotMatter() throws IOException {
    Path file = resource("upright-6.jpg");
    byte[] bytes = Files.readAllBytes(file);
    int exif = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("Exif");
    for (int at = exif + 6; at < exif + 28; at++) { // every byte of its header and only entry
      byte[] damaged = bytes.clone();
      damaged[at] ^= (byte) 0xff;
      Files.write(file, damaged);
      assertThat(PictureFiles.read(file).getWidth()).isIn(16, 32);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"grey.png", "grey-alpha.png", "grey.jpg"})
  void keepsLevelsOfGrey(String name) throws IOException {
    assertPixel(PictureFiles.read(resource(name)), 3, 3, 0x808080, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cmyk.jpg", "ycck.jpg"})
  void readsInk(String name) throws IOException {
    // ink of 20, 60, 80 and 10 %: 255 · (1 - ink) · (1 - black)
    assertPixel(PictureFiles.read(resource(name)), 8, 8, 0xb75c2e, 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rgb.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg"})
  void doesWithoutTheEndMarkerOfJpeg(String name) throws IOException {
    Path file = resource(name);
    BufferedImage whole = PictureFiles.read(file);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 2));
    BufferedImage endless = PictureFiles.read(file);
    for (int y = 0; y < whole.getHeight(); y++) {
      for (int x = 0; x < whole.getWidth(); x++) {
        assertPixel(endless, x, y, whole.getRGB(x, y), 0);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "128, 0", "129, 1", "32896, 128", "33023, 128", "33025, 129", "65535, 255"})
  void roundsSixteenBitsToEight(int sample, int level) throws IOException {
    for (int bands : new int[] {1, 3}) {
      Path file = folder.resolve(bands + ".png");
      ImageIO.write(sixteenBit(bands, sample), "png", file.toFile());
      assertPixel(PictureFiles.read(file), 1, 1, level * 0x10101, 0);
    }
  }

  @Test
  void goesByTheContentNotByTheName() throws IOException {
    Path misnamed = folder.resolve("picture.jpg");
    Files.copy(resource("palette.png"), misnamed);
    assertPixel(PictureFiles.read(misnamed), 1, 1, LEFT, 0);
  }

  @Test
  void saysThatAFileIsMissing() {
    Path file = folder.resolve("missing.png");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PictureFiles.read(file))
        .withMessage("no such file: " + file);
  }

  @Test
  void saysThatAFolderIsNoPicture() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PictureFiles.read(folder))
        .withMessage(folder + " is a folder, not a picture");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"})
  void saysThatAFileIsNoPicture(String content) throws IOException {
    Path file = Files.writeString(folder.resolve("text.png"), content, StandardCharsets.UTF_8);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PictureFiles.read(file))
        .withMessageStartingWith(file + " is not a picture");
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "bmp", "gif", "tiff"})
  void refusesWhatIsCutShort(String format) throws IOException {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    ImageIO.write(noise(), format, whole);
    byte[] bytes = whole.toByteArray();
    Path file = folder.resolve("whole");
    Files.write(file, bytes);
    assertThat(PictureFiles.read(file).getWidth()).isEqualTo(100);
    for (double kept : new double[] {0.3, 0.9}) {
      Files.write(file, Arrays.copyOf(bytes, (int) (kept * bytes.length)));
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> PictureFiles.read(file))
          .withMessageStartingWith(file + " is damaged or cut short: ");
    }
  }

  @Test
  void refusesAbsurdSizesBeforeDecodingThem() throws IOException {
    Path file = folder.resolve("huge.png");
    Files.write(file, pngHeader(60_000, 50_000));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PictureFiles.read(file))
        .withMessage(
            file + " is 60000 x 50000 pixels, pictures of more than 100 megapixels are not read");
  }

  // ------------------------------------------------------------------ writing

  @ParameterizedTest
  @CsvSource({"png, 0", "PNG, 0", "bmp, 0", "tif, 0", "tiff, 0", "jpg, 3", "jpeg, 3"})
  void readsBackWhatItWrites(String extension, int tolerance) throws IOException {
    BufferedImage picture = new BufferedImage(16, 8, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 16; x++) {
        picture.setRGB(x, y, LEFT);
      }
    }
    Path file = folder.resolve("out." + extension);
    PictureFiles.write(picture, file);
    BufferedImage back = PictureFiles.read(file);
    assertThat(back.getWidth()).isEqualTo(16);
    assertThat(back.getHeight()).isEqualTo(8);
    assertPixel(back, 7, 3, LEFT, tolerance);
    assertThat(folder.toFile().list()).containsExactly("out." + extension);
  }

  @Test
  void writesTransparencyOnWhiteInEveryFormat() throws IOException {
    BufferedImage clear = new BufferedImage(8, 8, BufferedImage.TYPE_INT_ARGB);
    for (String name : new String[] {"clear.jpg", "clear.png", "clear.bmp"}) {
      PictureFiles.write(clear, folder.resolve(name));
      assertPixel(PictureFiles.read(folder.resolve(name)), 4, 4, 0xffffff, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.webp", "out", "out.gif", ".png.txt"})
  void refusesFormatsItCannotWrite(String name) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "old");
    assertThat(PictureFiles.isWritableName(file)).isFalse();
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> PictureFiles.write(noise(), file))
        .withMessage(
            file + ": the name of a picture should end in one of png, jpg, jpeg, bmp, tif, tiff");
    assertThat(file).hasContent("old");
  }

  /** As in a jar that is shaded without merging service files. */
  @ParameterizedTest
  @ValueSource(strings = {"lossless.webp", "cmyk.jpg", "lzw.tiff"})
  void readersAreFoundWithoutTheirServiceFiles(String name) throws IOException {
    Path file = resource(name);
    BufferedImage before = PictureFiles.read(file);
    IIORegistry registry = IIORegistry.getDefaultInstance();
    for (Class<?> type :
        List.of(JPEGImageReaderSpi.class, TIFFImageReaderSpi.class, WebPImageReaderSpi.class)) {
      registry.deregisterServiceProvider(registry.getServiceProviderByClass(type));
    }
    BufferedImage after = PictureFiles.read(file);
    assertThat(rgb(after)).isEqualTo(rgb(before));
  }

  // ------------------------------------------------------------------ helpers

  private Path resource(String name) throws IOException {
    Path file = folder.resolve(name);
    try (InputStream in = PictureFilesTest.class.getResourceAsStream("/pictures/" + name)) {
      Files.copy(in, file);
    }
    return file;
  }

  private static int[] rgb(BufferedImage picture) {
    int width = picture.getWidth();
    return picture.getRGB(0, 0, width, picture.getHeight(), null, 0, width);
  }

  private static BufferedImage noise() {
    BufferedImage picture = new BufferedImage(100, 80, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 80; y++) {
      for (int x = 0; x < 100; x++) {
        picture.setRGB(x, y, (x * 7919 + y * 104_729) * 31_337);
      }
    }
    return picture;
  }

  private static BufferedImage sixteenBit(int bands, int sample) {
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(bands == 1 ? ColorSpace.CS_GRAY : ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_USHORT);
    WritableRaster raster = model.createCompatibleWritableRaster(3, 3);
    int[] samples = new int[9 * bands];
    Arrays.fill(samples, sample);
    raster.setPixels(0, 0, 3, 3, samples);
    return new BufferedImage(model, raster, false, null);
  }

  private static BufferedImage clearGrey() {
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_GRAY),
            true,
            false,
            Transparency.TRANSLUCENT,
            DataBuffer.TYPE_BYTE);
    WritableRaster raster = model.createCompatibleWritableRaster(3, 3);
    return new BufferedImage(model, raster, false, null);
  }

  /** As much of a PNG as says its size. */
  private static byte[] pngHeader(int width, int height) throws IOException {
    ByteArrayOutputStream chunk = new ByteArrayOutputStream();
    DataOutputStream content = new DataOutputStream(chunk);
    content.writeBytes("IHDR");
    content.writeInt(width);
    content.writeInt(height);
    content.write(new byte[] {8, 2, 0, 0, 0});
    CRC32 checksum = new CRC32();
    checksum.update(chunk.toByteArray());
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(file);
    out.writeLong(0x89504e470d0a1a0aL);
    out.writeInt(13);
    out.write(chunk.toByteArray());
    out.writeInt((int) checksum.getValue());
    out.writeInt(0);
    out.writeBytes("IDAT");
    return file.toByteArray();
  }

  private static void assertPixel(BufferedImage picture, int x, int y, int rgb, int tolerance) {
    for (int shift : new int[] {16, 8, 0}) {
      assertThat(picture.getRGB(x, y) >> shift & 0xff)
          .as("channel at bit %s of pixel %s, %s", shift, x, y)
          .isCloseTo(rgb >> shift & 0xff, within(tolerance));
    }
  }
}
