package io.github.pix2pixzero.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the bytes that Pillow makes; {@code pillow/make-cases.py} wrote their digests. */
class PillowResizeTest {
  record Case(String picture, PillowResize filter, int width, int height, String sha256) {}

  static List<Case> cases() throws IOException {
    return new ObjectMapper()
        .readValue(
            Resources.toByteArray(Resources.getResource("pillow/cases.json")),
            new TypeReference<>() {});
  }

  @ParameterizedTest
  @MethodSource("cases")
  void makesThePixelsThatPillowMakes(Case expected) throws IOException {
    BufferedImage picture = ImageIO.read(Resources.getResource("pillow/" + expected.picture()));

    BufferedImage resized = expected.filter().resize(picture, expected.width(), expected.height());

    assertThat(resized.getWidth()).isEqualTo(expected.width());
    assertThat(resized.getHeight()).isEqualTo(expected.height());
    assertThat(sha256(resized)).isEqualTo(expected.sha256());
  }

  @ParameterizedTest
  @EnumSource
  void refusesPicturesWithoutPixels(PillowResize filter) {
    BufferedImage picture = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);

    assertThatThrownBy(() -> filter.resize(picture, 5, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("5 x 0");
  }

  private static String sha256(BufferedImage picture) {
    Hasher hasher = Hashing.sha256().newHasher();
    for (int y = 0; y < picture.getHeight(); y++) {
      for (int x = 0; x < picture.getWidth(); x++) {
        int rgb = picture.getRGB(x, y);
        hasher.putByte((byte) (rgb >> 16)).putByte((byte) (rgb >> 8)).putByte((byte) rgb);
      }
    }
    return hasher.hash().toString();
  }
}
