package io.github.pix2pixzero.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableMap;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On pictures of 2 × 2, all of one colour but for the pixels a test sets. */
class MeasuresTest {

  private static BufferedImage picture(int rgb) {
    BufferedImage picture = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 4; i++) {
      picture.setRGB(i % 2, i / 2, rgb);
    }
    return picture;
  }

  private static BufferedImage with(BufferedImage picture, int x, int y, int rgb) {
    picture.setRGB(x, y, rgb);
    return picture;
  }

  private static double decibels(double meanSquare) {
    return 10 * Math.log10(255 * 255 / meanSquare);
  }

  @Test
  void measuresEachPartOfThePicture() {
    BufferedImage mask = with(picture(0), 0, 0, 0xffffff);
    BufferedImage source = picture(0x202020);
    BufferedImage result = with(picture(0x242020), 0, 0, 0x646464); // red 4 off outside
    Measures measures =
        Measures.of(
            result,
            source,
            mask,
            "dog",
            ImmutableMap.of("cat", source, "dog", with(picture(0x202020), 0, 0, 0x606060)));
    assertThat(measures.success()).isTrue();
    assertThat(measures.nearest()).isEqualTo("dog");
    assertThat(measures.inside()).isCloseTo(decibels(16), within(1e-6));
    assertThat(measures.bg()).isCloseTo(decibels(16 / 3.0), within(1e-6));
    assertThat(measures.truth()).isCloseTo(decibels((3 * 16 + 3 * 16) / 12.0), within(1e-6));
  }

  @Test
  void aResultNearerToAnotherAnswerFails() {
    Measures measures =
        Measures.of(
            picture(0x101010),
            picture(0),
            picture(0xffffff),
            "dog",
            ImmutableMap.of("dog", picture(0x808080), "cat", picture(0x121212)));
    assertThat(measures.success()).isFalse();
    assertThat(measures.nearest()).isEqualTo("cat");
    assertThat(measures.bg()).isNull();
  }

  @Test
  void equalPicturesAreNotInfinitelyNear() {
    assertThat(Measures.psnr(picture(7), picture(7), new boolean[] {true, true, true, true}))
        .isCloseTo(decibels(1e-3), within(1e-9));
  }

  @Test
  void refusesPicturesOfDifferentSizes() {
    BufferedImage other = new BufferedImage(1, 4, BufferedImage.TYPE_INT_RGB);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Measures.psnr(picture(0), other, new boolean[4]))
        .withMessage("pictures of different sizes: 2 x 2 and 1 x 4");
  }

  @Test
  void summariesAreMeansOverAKindAndOverAll() {
    List<Row> rows =
        List.of(
            new Row("a-0", "a", true, "x", 20, 10, 30.0, 1, 2),
            new Row("a-1", "a", false, "y", 22, 12, null, 3, 4),
            new Row("b-0", "b", true, "x", 24, 14, 40.0, 2, 3));
    List<Summary> summaries = Summary.of(rows);
    assertThat(summaries).extracting(Summary::name).containsExactly("a", "b", "all");
    assertThat(summaries.get(0).cells()).isEqualTo("2 | 0.50 | 21.00 | 11.00 | 30.00");
    assertThat(summaries.get(2).cells()).isEqualTo("3 | 0.67 | 22.00 | 12.00 | 35.00");
  }
}
