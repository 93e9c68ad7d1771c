package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pix2pixzero.guidance.PromptToPrompt;
import io.github.pix2pixzero.guidance.Quality;
import io.github.pix2pixzero.inversion.TimestepSpacing;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

class ChoicesTest {
  private static CommandLine line() {
    return Choices.register(
        new CommandLine(
            CommandSpec.create()
                .addMixin("shared", CommandSpec.forAnnotatedObject(new SharedOptions()))
                .addMixin("model", CommandSpec.forAnnotatedObject(new CheckpointOptions()))));
  }

  private static Object parsed(String option, String word) {
    return line().parseArgs(option, word).matchedOption(option).getValue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"null-text", "NULL_TEXT", "Null-Text"})
  void wordsAreTakenAsTheyAreWrittenAnywhere(String word) {
    assertThat(parsed("--reference", word)).isEqualTo(PromptToPrompt.Reference.NULL_TEXT);
    assertThat(parsed("--quality", "Draft")).isEqualTo(Quality.DRAFT);
    assertThat(parsed("--timestep-spacing", "TRAILING")).isEqualTo(TimestepSpacing.TRAILING);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--quality | draft, standard or best",
        "--maps | by-captions, replace, refine or in-place",
        "--steering | direction or caption",
        "--prediction-type | epsilon, v_prediction or sample"
      })
  void whatThereIsIsSaid(String option, String words) {
    assertThatExceptionOfType(ParameterException.class)
        .isThrownBy(() -> parsed(option, "fast"))
        .withMessageStartingWith("Invalid value for option '" + option + "'")
        .withMessageEndingWith("expected " + words + ", not fast");
  }
}
