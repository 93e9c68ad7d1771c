package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.guidance.Steering;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PlannerTest {

  /** Such a caption leads to no target caption; what was not asked for follows the sentences. */
  @Test
  void aCaptionThatLacksTheWordIsNotFollowed() throws IOException {
    Pix2PixZero model = Pix2PixZero.loadBundled(Backends.named("vector", 1));
    EditOptions.Builder absent = EditOptions.builder().caption("a cat").from("zebra").to("dog");
    assertThat(model.plan(absent.build()).direction()).isPresent();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.plan(absent.steering(Steering.CAPTION).build()))
        .withMessage(
            "the edit should follow the target caption, but \"zebra\" is not in the caption \"a"
                + " cat\"; name a target caption");
  }
}
