package io.github.pix2pixzero;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EditPromptTest {
  @ParameterizedTest
  @CsvSource({
    "cat -> dog, cat, dog",
    "the cat->a dog, cat, dog",
    "gray cat => orange fox, gray cat, orange fox",
    "replace the cat with a dog, cat, dog",
    "Replace cat by dog., cat, dog",
    "turn the cat into an owl, cat, owl",
    "change snow to sand, snow, sand",
    "change the snow into a beach, snow, beach",
    "make the cat into a dog, cat, dog"
  })
  void swaps(String prompt, String from, String to) {
    EditPrompt understood = EditPrompt.parse(prompt);
    assertThat(understood.from()).hasValue(from);
    assertThat(understood.to()).hasValue(to);
    assertThat(understood.target()).isEmpty();
  }

  @Test
  void additionsGoToTheCaption() {
    EditOptions options =
        EditPrompt.parse("add a red hat")
            .applyTo(EditOptions.builder(), Optional.of("a photo of a cat"))
            .build();
    assertThat(options.targetCaption()).hasValue("a photo of a cat with a red hat");
    assertThat(options.caption()).hasValue("a photo of a cat");
  }

  @ParameterizedTest
  @CsvSource({"a photo of a dog in the snow", "make it snow", "changed weather", "address"})
  void anythingElseIsACaption(String prompt) {
    assertThat(EditPrompt.parse(prompt))
        .isEqualTo(
            new EditPrompt(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(prompt)));
  }

  @Test
  void blankPromptsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EditPrompt.parse(" \n "))
        .withMessageContaining("blank");
  }
}
