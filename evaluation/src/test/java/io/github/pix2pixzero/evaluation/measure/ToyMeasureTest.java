package io.github.pix2pixzero.evaluation.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableMap;
import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

/** On pictures of 2 × 2, all of one colour but for the pixels a test sets. */
class ToyMeasureTest {

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

  private static Comparison comparison(
      BufferedImage source, BufferedImage result, BufferedImage mask, Answers answers) {
    return Comparison.of(source, result).withRegion(Region.of(mask)).withAnswers(answers);
  }

  @Test
  void measuresEachPartOfThePicture() {
    BufferedImage mask = with(picture(0), 0, 0, 0xffffff);
    BufferedImage source = picture(0x202020);
    BufferedImage result = with(picture(0x242020), 0, 0, 0x646464); // red 4 off outside
    ImmutableMap<String, BufferedImage> answers =
        ImmutableMap.of("cat", source, "dog", with(picture(0x202020), 0, 0, 0x606060));
    Comparison all = comparison(source, result, mask, new Answers("dog", answers));

    assertThat(ToyMeasure.SUCCESS.of(all)).hasValue(1);
    assertThat(ToyMeasure.INSIDE.of(all)).hasValueCloseTo(decibels(16), within(1e-6));
    assertThat(ToyMeasure.BACKGROUND.of(all)).hasValueCloseTo(decibels(16 / 3.0), within(1e-6));
    assertThat(ToyMeasure.TRUTH.of(all))
        .hasValueCloseTo(decibels((3 * 16 + 3 * 16) / 12.0), within(1e-6));
  }

  @Test
  void aResultNearerToAnotherAnswerFails() {
    Answers answers =
        new Answers("dog", ImmutableMap.of("dog", picture(0x808080), "cat", picture(0x121212)));
    Comparison all = comparison(picture(0), picture(0x101010), picture(0xffffff), answers);

    assertThat(ToyMeasure.SUCCESS.of(all)).hasValue(0);
    assertThat(ToyMeasure.BACKGROUND.of(all)).isEmpty();
  }

  @Test
  void equalPicturesAreNotInfinitelyNear() {
    assertThat(ToyMeasure.psnr(picture(7), picture(7), null))
        .isCloseTo(decibels(1e-3), within(1e-9));
  }

  @Test
  void withoutAnAnswerThereIsNothingToMeasure() {
    assertThat(ToyMeasure.TRUTH.of(Comparison.of(picture(0), picture(0)))).isEmpty();
  }

  @Test
  void refusesAnswersThatDoNotFit() {
    BufferedImage other = new BufferedImage(1, 4, BufferedImage.TYPE_INT_RGB);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> ToyMeasure.psnr(picture(0), other, null))
        .withMessage("pictures of different sizes: 2 x 2 and 1 x 4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Answers("dog", ImmutableMap.of("cat", other)))
        .withMessage("there is no answer for dog");
  }
}
