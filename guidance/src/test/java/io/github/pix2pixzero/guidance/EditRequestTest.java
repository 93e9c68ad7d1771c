package io.github.pix2pixzero.guidance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EditRequestTest {

  @Test
  void aTextAddsToACaptionIfItSaysAllOfItAndMore() {
    assertThat(EditRequest.adds("a photo of a dog", "a photo of a dog with sunglasses")).isTrue();
    assertThat(EditRequest.adds("A dog in the snow", "an old dog, in the snow")).isTrue();
    assertThat(EditRequest.adds("a photo of a dog", "a photo of a cat with sunglasses")).isFalse();
    assertThat(EditRequest.adds("a photo of a dog", "a photo of a dog")).isFalse();
    assertThat(EditRequest.adds("a dog in the snow", "a dog")).isFalse();
    assertThat(EditRequest.adds("", "a dog")).isFalse();
  }
}
