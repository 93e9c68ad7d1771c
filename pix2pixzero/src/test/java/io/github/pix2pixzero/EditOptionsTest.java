package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.EditOptions.Sentences;
import io.github.pix2pixzero.direction.EditDirection;
import io.github.pix2pixzero.direction.SentenceBank;
import io.github.pix2pixzero.guidance.BesideTrajectory;
import io.github.pix2pixzero.guidance.GradientMode;
import io.github.pix2pixzero.guidance.Published;
import io.github.pix2pixzero.guidance.Quality;
import io.github.pix2pixzero.guidance.Steering;
import io.github.pix2pixzero.inversion.NoiseRegularization;
import io.github.pix2pixzero.inversion.Solver;
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
    assertThat(options.method()).isEqualTo(Published.DEFAULTS);
    assertThat(options.method().steering()).isEqualTo(Steering.DIRECTION);
    assertThat(options.method().takesMask()).isFalse();
    assertThat(options.method().negativePrompt("a cat", false)).isEqualTo("a cat");
    assertThat(options.method().negativePrompt("a cat", true)).isEmpty();
    assertThat(options.stepsOfInversion()).isEqualTo(50);
    assertThat(options.regularization()).isEqualTo(NoiseRegularization.PUBLISHED);
    assertThat(options.seed()).isZero();
    assertThat(options.direction()).isEmpty();
    Published published = Published.DEFAULTS;
    assertThat(published.guidanceAmount()).isEqualTo(0.1);
    assertThat(published.guidanceScale()).isEqualTo(5);
    assertThat(published.gradient()).isEqualTo(GradientMode.REFERENCE);
    assertThat(published.resolved(true).guidanceAmount()).isEqualTo(0.15);
    assertThat(published.withGuidanceAmount(0.1).resolved(true).guidanceAmount()).isEqualTo(0.1);
  }

  @Test
  void qualityIsANumberOfStepsAndStepsWin() {
    EditOptions.Builder words = EditOptions.builder().from("cat").to("dog");
    assertThat(words.build().stepsOfInversion()).isEqualTo(Quality.STANDARD.steps());
    assertThat(words.build().chosenSteps()).isEmpty();
    assertThat(words.quality(Quality.DRAFT).build().stepsOfInversion()).isEqualTo(6);
    assertThat(words.build().chosenSteps()).hasValue(6);
    assertThat(words.method(Published.DEFAULTS).build().stepsOfInversion()).isEqualTo(6);
    assertThat(words.steps(5).build().stepsOfInversion()).isEqualTo(5);
    assertThat(words.build().toBuilder().build()).isEqualTo(words.build());
  }

  @Test
  void wordsBecomeSentencesAndTheCaption() {
    EditOptions options = EditOptions.builder().from("cat").to("apple").build();
    Sentences sentences = options.allSentences().orElseThrow();
    assertThat(sentences.source()).isEqualTo(SentenceBank.about("cat"));
    assertThat(sentences.target()).isEqualTo(SentenceBank.about("apple"));
    assertThat(options.captionOfPicture()).isEqualTo("a photo of a cat");
  }

  @Test
  void wordsAreOfOneKind() {
    Sentences sentences =
        EditOptions.builder().from("white").to("translucent").build().allSentences().orElseThrow();
    assertThat(sentences.source()).contains("a photo of a white cat");
    assertThat(sentences.target()).contains("a photo of a translucent cat");
    assertThat(sentences.target()).hasSameSizeAs(sentences.source());
  }

  @Test
  void aMaskIsOneAndHolds() {
    BufferedImage mask = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_GRAY);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                EditOptions.builder()
                    .mask(mask)
                    .method(BesideTrajectory.DEFAULTS.withHoldBackground(false))
                    .build())
        .withMessage(
            "a mask says where the background is held, but the method beside-trajectory as it is"
                + " set holds none");
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
  void withoutAWordTheCaptionIsEmpty() {
    assertThat(EditOptions.builder().direction(DIRECTION).build().captionOfPicture()).isEmpty();
    assertThat(EditOptions.builder().targetCaption("a dog").build().captionOfPicture()).isEmpty();
    assertThat(
            EditOptions.builder().sentences(List.of("a"), List.of("b")).build().captionOfPicture())
        .isEmpty();
  }

  @Test
  void optionsAreValues() {
    EditOptions options =
        EditOptions.builder().from("cat").to("dog").steps(7).strength(0.5).seed(3).build();
    assertThat(options.toBuilder().build()).isEqualTo(options).hasSameHashCodeAs(options);
    assertThat(options.toBuilder().seed(4).build()).isNotEqualTo(options);
    assertThat(options.toString()).contains("cat", "dog", "strength=0.5", "seed=3");
    EditOptions all =
        EditOptions.published()
            .direction(DIRECTION)
            .caption("a")
            .targetCaption("b")
            .negativePrompt("c")
            .steering(Steering.CAPTION)
            .regularization(NoiseRegularization.NONE)
            .attentionMaps(true)
            .build();
    assertThat(all.toBuilder().build()).isEqualTo(all);
    EditOptions masked = EditOptions.builder().maskWords(0.3, "cat").build();
    assertThat(masked.toBuilder().build()).isEqualTo(masked);
    GenerateOptions drawn = new GenerateOptions("blurred", Solver.UNI_PC, 7, 3, 5, 64, 128, true);
    assertThat(drawn.toBuilder().build()).isEqualTo(drawn);
    assertThat(drawn.toBuilder().seed(4).build()).isNotEqualTo(drawn);
  }

  @Test
  void aSourceNeedsATarget() {
    for (EditOptions.Builder builder :
        List.of(EditOptions.builder().from("cat"), EditOptions.builder().to("dog"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(builder::build)
          .withMessage(
              "an edit needs a source and a target (words or sentences), or a direction, or a target"
                  + " caption");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().sentences(List.of(), List.of("a dog")))
        .withMessage("a direction needs sentences about a source and about a target");
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
        .isThrownBy(() -> EditOptions.builder().from(word).to("dog").build())
        .withMessage("there are no sentences about a blank word");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().from("cat").to(word).build());
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1000})
  void stepsHaveBounds(int steps) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditOptions.builder().steps(steps).build())
        .withMessage("the number of steps should be 1 to 999, it is " + steps);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void amountAndScaleAreFiniteAndNotNegative(double value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BesideTrajectory.DEFAULTS.withGuidanceAmount(value))
        .withMessage("the guidance amount should be 0 or more, it is " + value);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Published.DEFAULTS.withGuidanceScale(value))
        .withMessage("the guidance scale should be 0 or more, it is " + value);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BesideTrajectory.DEFAULTS.withContrast(value))
        .withMessage("the contrast should be 0 or more, it is " + value);
  }

  @Test
  void nullsAreRefusedByName() {
    assertThatNullPointerException()
        .isThrownBy(() -> EditOptions.builder().caption(null))
        .withMessage("caption");
    assertThatNullPointerException()
        .isThrownBy(() -> EditOptions.builder().from(null))
        .withMessage("from");
    assertThatNullPointerException()
        .isThrownBy(() -> EditOptions.builder().method(null))
        .withMessage("method");
    assertThatNullPointerException()
        .isThrownBy(() -> Published.DEFAULTS.withGradient(null))
        .withMessage("gradient");
  }
}
