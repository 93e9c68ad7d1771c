package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.picture.PngTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prompt-to-Prompt with the bundled model and few steps. */
class PromptToPromptCommandTest {
  private static final String CAPTION = "a photo of a gray cat in the snow";
  private static final String TARGET = "a photo of a gray dog in the snow";

  @TempDir Path folder;
  private Path cat;
  private Path dog;

  @BeforeEach
  void prepare() throws IOException {
    cat = CommandLineRun.example("cat.png", folder);
    dog = folder.resolve("dog.png");
  }

  @Test
  void everySettingHasAnOption() throws IOException {
    CommandLineRun run =
        edit(
            "--cross-steps",
            "0.1..0.9",
            "--cross-steps-of",
            "dog=0.2",
            "--cross-steps-of",
            "snow=0.1..0.5",
            "--self-steps",
            "0..0.4",
            "--self-downscale",
            "2",
            "--blend",
            "cat,dog",
            "--blend-without",
            "snow",
            "--blend-threshold",
            "0.5",
            "--reweight",
            "dog=2",
            "--maps",
            "replace",
            "--alignment",
            "published",
            "--reference",
            "reconstruction");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(PngTexts.read(dog).get(PngTexts.PARAMETERS))
        .contains(
            "Method: prompt-to-prompt",
            "CFG scale: 7.5",
            "Maps: replace",
            "Alignment: published",
            "Cross steps: 0.1..0.9",
            "Cross steps of: dog=0.0..0.2 snow=0.1..0.5",
            "Self steps: 0.0..0.4",
            "Self downscale: 2",
            "Reweight: dog=2.0",
            "cat,dog",
            "Blend threshold: 0.5",
            "Blend without: snow",
            "Reference: reconstruction");
  }

  @Test
  void nullTextEmbeddingsAreSavedWithTheInversion() throws IOException {
    Path kept = folder.resolve("cat.safetensors");
    CommandLineRun invert =
        CommandLineRun.of(
            "invert", cat, "-o", kept, "--caption", CAPTION, "--steps", 2, "--null-text");
    assertThat(invert.err())
        .isEqualToNormalizingNewlines("encoding\ninverting, 2 steps\nfitting, 2 steps\n");
    assertThat(CommandLineRun.of("info", kept).out())
        .containsPattern("null text guidance scale +7.5")
        .containsPattern("null text distance +\\d");

    Object[] edit = {
      "edit",
      "--inversion",
      kept,
      "-o",
      dog,
      "--target-caption",
      TARGET,
      "--method",
      "prompt-to-prompt",
      "--reference",
      "null-text"
    };
    CommandLineRun saved = CommandLineRun.of(edit);
    assertThat(saved.code()).as(saved.err()).isZero();
    assertThat(saved.err()).contains("editing, 2 steps").doesNotContain("fitting");
    byte[] withSaved = Files.readAllBytes(dog);

    // Without, and for another scale, they are found.
    CommandLineRun fresh = edit("--reference", "null-text");
    assertThat(fresh.err()).contains("inverting, 2 steps\nfitting, 2 steps\nediting, 2 steps");
    assertThat(PngTexts.read(dog).get(PngTexts.PARAMETERS)).contains("Reference: null-text");
    Object[] other = Arrays.copyOf(edit, edit.length + 2);
    other[edit.length] = "--guidance-scale";
    other[edit.length + 1] = 3;
    CommandLineRun scaled = CommandLineRun.of(other);
    assertThat(scaled.err()).contains("fitting, 2 steps");
    assertThat(Files.readAllBytes(dog)).isNotEqualTo(withSaved);
  }

  @Test
  void aWordThatIsNotThereIsAnErrorBeforeTheWork() {
    CommandLineRun run = edit("--reweight", "fox=2");
    assertThat(run.code()).isNotZero();
    assertThat(run.err())
        .contains(
            "there is no fox in \"" + TARGET + "\"; its words are a, photo, of, a, gray, dog, in")
        .doesNotContain("inverting");
    assertThat(dog).doesNotExist();
    assertThat(edit("--blend-threshold", "0.5").err())
        .contains("--blend-threshold goes with --blend");
    assertThat(edit("--reference", "other").err()).contains("'--reference'");
    assertThat(edit("--reweight", "dog").err()).contains("--reweight");
  }

  private CommandLineRun edit(String... more) {
    Object[] words = {
      "edit",
      cat,
      "-o",
      dog,
      "--caption",
      CAPTION,
      "--target-caption",
      TARGET,
      "--steps",
      2,
      "--method",
      "prompt-to-prompt"
    };
    Object[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return CommandLineRun.of(all);
  }
}
