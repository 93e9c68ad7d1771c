package io.github.pix2pixzero.guidance;

import static io.github.pix2pixzero.unet.PromptRow.CAPTION;
import static io.github.pix2pixzero.unet.PromptRow.EDITED;
import static io.github.pix2pixzero.unet.PromptRow.NEGATIVE;
import static io.github.pix2pixzero.unet.PromptRow.PROMPT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.unet.PromptRow;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PredictionSumTest {
  private static final Backend BACKEND = Backends.best(1);
  private static final Map<PromptRow, Tensor> PREDICTIONS =
      Map.of(PROMPT, one(1), EDITED, one(10), NEGATIVE, one(100), CAPTION, one(1000));

  private static Tensor one(float value) {
    return Tensor.of(BACKEND, new float[] {value}, 1);
  }

  private static float sum(PredictionSum sum) {
    return sum.of(PREDICTIONS).item();
  }

  @Test
  void classifierFreeGuidanceGoesFromTheNegativePrompt() {
    PredictionSum guided = PredictionSum.classifierFree(PROMPT, 3);
    assertThat(guided.rows()).containsExactly(NEGATIVE, PROMPT);
    assertThat(sum(guided)).isEqualTo(100 + 3 * (1 - 100));
    assertThat(sum(PredictionSum.classifierFree(PROMPT, 0.5))).isEqualTo(50.5f);
  }

  @Test
  void whatHasNoWeightIsNotPredicted() {
    assertThat(PredictionSum.classifierFree(PROMPT, 1).rows()).containsExactly(PROMPT);
    assertThat(PredictionSum.classifierFree(PROMPT, 0).rows()).containsExactly(NEGATIVE);
    assertThat(PredictionSum.of(EDITED).plus(0, CAPTION, EDITED).rows()).containsExactly(EDITED);
  }

  @Test
  void addsUpDifferences() {
    PredictionSum sum =
        PredictionSum.of(EDITED).plus(2, NEGATIVE, EDITED).plus(0.5, CAPTION, EDITED);
    assertThat(sum.rows()).containsExactly(EDITED, NEGATIVE, CAPTION);
    assertThat(sum(sum)).isEqualTo(10 + 2 * (10 - 100) + 0.5f * (10 - 1000));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sum.plus(Double.NaN, CAPTION, EDITED))
        .withMessage("the weight of a prediction is NaN");
  }
}
