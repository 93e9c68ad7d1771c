package io.github.pix2pixzero.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that readers disagree about; right is what Pillow shows, {@code NAME.expected.png}. */
class DisputedPicturesTest {
  @TempDir Path folder;

  private static Path resource(String name) {
    try {
      return Path.of(DisputedPicturesTest.class.getResource("/pictures/disputed/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Decoders of JPEG differ by a few levels, those of lossy WebP by more, as they widen colours in
   * different ways; two roundings of transparency differ by one.
   */
  @ParameterizedTest
  @CsvSource({
    "i_swap.png, 1",
    "i_swap.jpg, 3",
    "alpha-profile.png, 2",
    "j_adobe0_jfif.jpg, 3",
    "p_trns_rgba.png, 1",
    "t_assoc.tiff, 1",
    "t_big.tiff, 0",
    "t_unspec.tiff, 0",
    "w_anim_off.webp, 0",
    "w_iccbad.webp, 8"
  })
  void showsWhatPillowShows(String name, int tolerance) throws IOException {
    BufferedImage picture = PictureFiles.read(resource(name));
    BufferedImage expected = PictureFiles.read(resource(name + ".expected.png"));
    assertThat(picture.getWidth()).isEqualTo(expected.getWidth());
    assertThat(picture.getHeight()).isEqualTo(expected.getHeight());
    int worst = 0;
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        for (int shift = 0; shift < 24; shift += 8) {
          int difference =
              (picture.getRGB(x, y) >> shift & 0xff) - (expected.getRGB(x, y) >> shift & 0xff);
          worst = Math.max(worst, Math.abs(difference));
        }
      }
    }
    assertThat(worst).isLessThanOrEqualTo(tolerance);
  }

  @Test
  void aProgressiveJpegIsWholeOrRefused() throws IOException {
    assertThat(PictureFiles.read(resource("prog_full.jpg")).getWidth()).isEqualTo(128);
    assertThatIOException()
        .isThrownBy(() -> PictureFiles.read(resource("prog_first_scan.jpg")))
        .withMessageContaining("prog_first_scan.jpg is damaged or cut short");
    byte[] whole = Files.readAllBytes(resource("prog_full.jpg"));
    for (int length = 200; length < whole.length; length += 97) {
      Path cut = folder.resolve("cut.jpg");
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatIOException().as("%s bytes", length).isThrownBy(() -> PictureFiles.read(cut));
    }
  }

  @Test
  void saysWhatIsOnlyNotSupported() {
    assertThatIOException()
        .isThrownBy(() -> PictureFiles.read(resource("t_zstd.tiff")))
        .withMessageContaining("t_zstd.tiff is of a kind that is not supported");
  }

  @ParameterizedTest
  @CsvSource({"small.avif, AVIF", "small.jp2, JPEG 2000"})
  void saysWhatConvertsOtherFormats(String name, String format) {
    assertThatIOException()
        .isThrownBy(() -> PictureFiles.read(resource(name)))
        .withMessageContaining("%s is a picture in %s, which is not read", name, format)
        .withMessageContaining("magick ");
  }
}
