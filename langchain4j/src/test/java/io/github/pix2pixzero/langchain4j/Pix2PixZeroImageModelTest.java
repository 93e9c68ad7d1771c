package io.github.pix2pixzero.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.langchain4j.data.image.Image;
import dev.langchain4j.model.image.ImageModel;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.GenerateOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.picture.PngTexts;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class Pix2PixZeroImageModelTest {
  private static ImageModel model;

  @BeforeAll
  static void load() throws IOException {
    model =
        Pix2PixZeroImageModel.of(Pix2PixZero.loadBundled(Backends.named("plain", 1)))
            .withEdits(
                EditOptions.builder().caption("a photo of a gray cat in the snow").steps(3).build())
            .withGenerations(GenerateOptions.builder().steps(2).build());
  }

  private static byte[] bytes(Image image) {
    return Base64.getDecoder().decode(image.base64Data());
  }

  private static Image image(byte[] png) {
    return Image.builder().base64Data(Base64.getEncoder().encodeToString(png)).build();
  }

  private static byte[] cat() throws IOException {
    try (InputStream in =
        Pix2PixZero.class.getResourceAsStream("/io/github/pix2pixzero/toyworld/examples/cat.png")) {
      return in.readAllBytes();
    }
  }

  @Test
  void generates() throws IOException {
    List<Image> images = model.generate("a photo of a cat", 2).content();
    assertThat(images).hasSize(2);
    assertThat(PictureFiles.read(bytes(images.get(0))).getWidth()).isEqualTo(64);
    assertThat(bytes(images.get(0))).isNotEqualTo(bytes(images.get(1)));
    assertThat(bytes(model.generate("a photo of a cat").content())).isEqualTo(bytes(images.get(0)));
  }

  @Test
  void edits() throws IOException {
    Image dog = model.edit(image(cat()), "turn the cat into a dog").content();
    assertThat(dog.mimeType()).isEqualTo("image/png");
    assertThat(dog.revisedPrompt()).isEqualTo("a photo of a gray dog in the snow");
    assertThat(PngTexts.read(bytes(dog)).get(PngTexts.PARAMETERS)).contains("Steps: 3");
    assertThat(difference(bytes(dog), 0, 64)).isPositive();
  }

  /** Each half changes more where it may than where only the other one may. */
  @Test
  void editsWhereAMaskIsTransparent() throws IOException {
    byte[] left = masked(0);
    byte[] right = masked(32);
    assertThat(difference(left, 0, 32)).isGreaterThan(difference(right, 0, 32));
    assertThat(difference(right, 32, 64)).isGreaterThan(difference(left, 32, 64));
  }

  /** An edit with a mask that is transparent in 32 columns. */
  private static byte[] masked(int from) throws IOException {
    BufferedImage mask = new BufferedImage(64, 64, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < 64; y++) {
      for (int x = 0; x < 32; x++) {
        mask.setRGB(32 - from + x, y, 0xff000000);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(mask, "png", out);
    return bytes(model.edit(image(cat()), image(out.toByteArray()), "cat -> dog").content());
  }

  /** How much columns of a picture differ from the cat's. */
  private static long difference(byte[] png, int from, int to) throws IOException {
    BufferedImage picture = PictureFiles.read(png);
    BufferedImage cat = PictureFiles.read(cat());
    long sum = 0;
    for (int y = 0; y < 64; y++) {
      for (int x = from; x < to; x++) {
        sum += Math.abs((picture.getRGB(x, y) & 0xff) - (cat.getRGB(x, y) & 0xff));
      }
    }
    return sum;
  }

  @Test
  void addressesAreNotFetched() {
    Image remote = Image.builder().url("https://example.org/cat.png").build();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.edit(remote, "cat -> dog"))
        .withMessageContaining("no address is fetched");
  }
}
