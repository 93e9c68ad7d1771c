package io.github.pix2pixzero.evaluation.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.common.collect.ImmutableMap;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class AnswerDetailTest {
  private static final int SIZE = 4;
  private static final BufferedImage SOURCE = steps(0, 0);
  private static final BufferedImage ANSWER = steps(100, 40);

  /** A level, and more of it in every other column. */
  private static BufferedImage steps(int level, int more) {
    BufferedImage picture = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < SIZE * SIZE; i++) {
      int grey = level + (i % 2 == 1 ? more : 0);
      picture.setRGB(i % SIZE, i / SIZE, grey << 16 | grey << 8 | grey);
    }
    return picture;
  }

  private static Comparison comparison(BufferedImage result) {
    boolean[] inside = new boolean[SIZE * SIZE];
    Arrays.fill(inside, true);
    return Comparison.of(SOURCE, result)
        .withRegion(new Region(SIZE, SIZE, inside))
        .withAnswers(new Answers("dog", ImmutableMap.of("cat", SOURCE, "dog", ANSWER)));
  }

  @Test
  void theAnswerHasNothingOfTheSourceAndACopyAll() {
    assertThat(AnswerDetail.RESIDUE.of(comparison(ANSWER))).hasValueCloseTo(0.0, within(1e-9));
    assertThat(AnswerDetail.RESIDUE.of(comparison(SOURCE))).hasValueCloseTo(1.0, within(1e-9));
    assertThat(AnswerDetail.RESIDUE.of(comparison(steps(50, 20))))
        .hasValueCloseTo(0.5, within(1e-9));
  }

  @Test
  void whatIsFlatterIsLessSharp() {
    assertThat(AnswerDetail.SHARPNESS.of(comparison(ANSWER))).hasValueCloseTo(1.0, within(1e-9));
    assertThat(AnswerDetail.SHARPNESS.of(comparison(steps(100, 10))))
        .hasValueCloseTo(0.25, within(1e-9));
  }

  @Test
  void withoutAnAnswerThereIsNothingToMeasure() {
    for (AnswerDetail detail : AnswerDetail.values()) {
      assertThat(detail.of(Comparison.of(SOURCE, ANSWER))).isEmpty();
    }
  }
}
