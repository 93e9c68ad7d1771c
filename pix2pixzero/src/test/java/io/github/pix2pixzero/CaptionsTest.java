package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptionsTest {

  @ParameterizedTest
  @CsvSource({
    "a photo of a cat in the snow, cat, dog, a photo of a dog in the snow",
    "A cat and a Cat, cat, owl, An owl and an owl",
    "an owl, owl, cat, a cat",
    "my cat sleeps, cat, owl, my owl sleeps",
    "a photo of a fox, photo, oil painting, an oil painting of a fox",
    "a cat on a sofa, cat, dog with $5 sunglasses, a dog with $5 sunglasses on a sofa"
  })
  void replacesAWordAndItsArticle(String caption, String from, String to, String expected) {
    assertThat(Captions.replaced(caption, from, to)).contains(expected);
  }

  @Test
  void aWordInsideAnotherDoesNotCount() {
    assertThat(Captions.replaced("a category of concatenations", "cat", "dog")).isEmpty();
  }
}
