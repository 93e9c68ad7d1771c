package io.github.pix2pixzero.distill.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.distill.collect.PairScore.Judged;
import java.awt.image.BufferedImage;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PairScoresTest {
  private static BufferedImage picture(int left, int right) {
    BufferedImage picture = new BufferedImage(4, 2, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 8; i++) {
      picture.setRGB(i % 4, i / 4, i % 4 == 0 ? left : right);
    }
    return picture;
  }

  private static ImmutableMap<String, Double> scores(BufferedImage edited, BufferedImage mask) {
    return new PairScores()
        .of(new Judged(picture(0, 0), edited, mask, "a cat", Optional.of("a dog")));
  }

  @Test
  void looksInsideAndOutsideOfTheMask() {
    ImmutableMap<String, Double> scores = scores(picture(0x330000, 0x000033), picture(0xffffff, 0));
    assertThat(scores.get(PairScores.MASK)).isEqualTo(0.25);
    assertThat(scores.get(PairScores.CHANGE)).isCloseTo(0.2 / 3, within(1e-6));
    assertThat(scores.get(PairScores.OUTSIDE))
        .isCloseTo(-10 * Math.log10(0.2 * 0.2 / 3), within(1e-4));
  }

  @Test
  void whatIsNotThereHasNoScore() {
    assertThat(scores(picture(0, 0), picture(0xffffff, 0xffffff)))
        .containsEntry(PairScores.MASK, 1.0)
        .doesNotContainKey(PairScores.OUTSIDE);
    assertThat(scores(picture(9, 9), picture(0, 0)))
        .containsEntry(PairScores.MASK, 0.0)
        .containsEntry(PairScores.CHANGE, 0.0);
  }
}
