package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.awt.image.BufferedImage;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EditOptionsTest {
  private static final EditDirection DIRECTION =
      new EditDirection(
          Tensor.of(Backends.named("plain", 1), new float[6], 1, 2, 3), ImmutableMap.of());

  @Test
  void thePublishedOptionsStayAvailable() {
    EditOptions options = EditOptions.published().from("cat").to("dog").build();
    assertThat(options.steering()).isEqualTo(Steering.DIRECTION);
    assertThat(options.reference()).isEqualTo(ReferenceMode.RECONSTRUCTION);
    assertThat(options.holdBackground()).isFalse();
    assertThat(options.contrast()).isZero();
    assertThat(options.negativePrompt()).isEqualTo("a photo of a cat");
    assertThat(options.steps()).isEqualTo(50);
    assertThat(options.guidanceAmount()).isEqualTo(0.1);
    assertThat(options.guidanceScale()).isEqualTo(5);
    assertThat(options.gradientMode()).isEqualTo(GradientMode.REFERENCE);
    assertThat(options.regularization()).isEqualTo(NoiseRegularization.PUBLISHED);
    assertThat(options.seed()).isZero();
    assertThat(options.direction()).isEmpty();
  }

  @Test
  void wordsBecomeSentencesAndTheCaption() {
    EditOptions options = EditOptions.builder().from("cat").to("apple").build();
    assertThat(options.sourceSentences()).isEqualTo(SentenceBank.about("cat"));
    assertThat(options.targetSentences()).isEqualTo(SentenceBank.about("apple"));
    assertThat(options.caption()).isEqualTo("a photo of a cat");
    assertThat(options.targetCaption()).contains("a photo of an apple");
    assertThat(options.negativePrompt()).isEmpty();
  }

  @Test
  void wordsAreOfOneKind() {
    EditOptions options = EditOptions.builder().from("white").to("translucent").build();
    assertThat(options.sourceSentences()).contains("a photo of a white cat");
    assertThat(options.targetSentences()).contains("a photo of a translucent cat");
    assertThat(options.targetSentences()).hasSameSizeAs(options.sourceSentences());
  }

  @Test
  void theTargetCaptionNeedsTheWordInTheCaption() {
    EditOptions.Builder builder = EditOptions.builder().from("cat").to("dog").caption("my pet");
    assertThat(builder.build().targetCaption()).isEmpty();
    assertThat(builder.targetCaption("my dog").build().targetCaption()).contains("my dog");
    assertThat(EditOptions.builder().targetCaption("a dog").build().caption()).isEmpty();
  }

  @Test
  void whatGoesBesideATrajectoryOnlyIsSaid() {
    EditOptions.Builder builder = EditOptions.builder().from("cat").to("dog");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.reference(ReferenceMode.RECONSTRUCTION).build())
        .withMessage("beside a reconstruction the background is not held and the contrast is 0");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                EditOptions.builder().from("cat").to("dog").gradientMode(GradientMode.FULL).build())
        .withMessage(
            "there is a choice of gradient beside a reconstruction only, as in the published"
                + " options");
  }

  @Test
  void aMaskIsOneAndHolds() {
    BufferedImage mask = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().mask(mask).holdBackground(false).build())
        .withMessage("a mask says where the background is held, but it is not held");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.published().maskWords(0.3, "cat").build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().mask(mask).maskWords(0.3, "cat").build())
        .withMessage("an edit takes one mask, a picture or that of words");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().maskWords(Double.NaN, "cat"))
        .withMessage("the threshold of a mask should be 0 or more and less than 1, it is NaN");
  }

  @Test
  void captionAndNegativePromptAreTakenAsGiven() {
    EditOptions options =
        EditOptions.builder().from("cat").to("dog").caption("my cat").negativePrompt("").build();
    assertThat(options.caption()).isEqualTo("my cat");
    assertThat(options.negativePrompt()).isEmpty();
  }

  @Test
  void withoutAWordTheCaptionIsEmpty() {
    assertThat(EditOptions.builder().direction(DIRECTION).build().caption()).isEmpty();
    assertThat(EditOptions.builder().sentences(List.of("a"), List.of("b")).build().caption())
        .isEmpty();
  }

  @Test
  void aSourceNeedsATarget() {
    for (EditOptions.Builder builder :
        List.of(
            EditOptions.builder().from("cat"),
            EditOptions.builder().to("dog"),
            EditOptions.builder().sentences(List.of(), List.of("a dog")))) {
      assertThatIllegalArgumentException()
          .isThrownBy(builder::build)
          .withMessage(
              "an edit needs a source and a target (words or sentences), or a direction, or a target"
                  + " caption");
    }
  }

  @Test
  void twoWaysOfSayingItAreRefused() {
    for (EditOptions.Builder builder :
        List.of(
            EditOptions.builder().from("cat").to("dog"),
            EditOptions.builder().sentences(List.of("a cat"), List.of("a dog")))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.direction(DIRECTION).build())
          .withMessage("an edit takes words or sentences or a direction, not several of them");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "   ", "\t\n", "\u00a0", "\u2003 "})
  void blankWordsAreRefused(String word) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().from(word))
        .withMessage("there are no sentences about a blank word");
    assertThatIllegalArgumentException().isThrownBy(() -> EditOptions.builder().to(word));
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1000})
  void stepsHaveBounds(int steps) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().steps(steps))
        .withMessage("the number of steps should be 1 to 999, it is " + steps);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void amountAndScaleAreFiniteAndNotNegative(double value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().guidanceAmount(value))
        .withMessage("the guidance amount should be 0 or more, it is " + value);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().guidanceScale(value))
        .withMessage("the guidance scale should be 0 or more, it is " + value);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().contrast(value))
        .withMessage("the contrast should be 0 or more, it is " + value);
  }

  @Test
  void nullsAreRefusedByName() {
    assertThatNullPointerException()
        .isThrownBy(() -> EditOptions.builder().caption(null))
        .withMessage("caption");
    assertThatNullPointerException()
        .isThrownBy(() -> EditOptions.builder().gradientMode(null))
        .withMessage("gradient mode");
  }
}
