package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From nothing to an edit, with single steps and four channels. */
class DistillCommandsTest {
  @TempDir static Path shared;
  private static Path cat;
  private static Path pairs;

  @TempDir Path folder;

  @BeforeAll
  static void collect() throws IOException {
    cat = CommandLineRun.example("cat.png", shared);
    pairs = shared.resolve("pairs");
    CommandLineRun run = collecting(12);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("1 of 12: \"a photo of a cat\", seed 0, change ")
        .contains("classifier ")
        .contains("wrote " + pairs + ", 12 pairs, 12 of them new, 0 failed");
  }

  private static CommandLineRun collecting(int count, Object... more) {
    return CommandLineRun.of(
        Stream.concat(
                Stream.of(
                    "distill", "collect", "--count", count, "-o", pairs, "--from", "cat", "--to",
                    "dog", "--steps", 1),
                Stream.of(more))
            .toArray());
  }

  private CommandLineRun training(Path student, Object... more) {
    return CommandLineRun.of(
        Stream.concat(
                Stream.of(
                    "distill",
                    "train",
                    pairs,
                    "-o",
                    student,
                    "--all-pairs",
                    "--width",
                    4,
                    "--batch",
                    2),
                Stream.of(more))
            .toArray());
  }

  @Test
  void pairsAreNotMadeAgainNorMixed() throws IOException {
    assertThat(collecting(12).out()).contains("12 pairs, 0 of them new");
    CommandLineRun other = collecting(12, "--seed", "2");
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err()).contains("holds pairs made with seed 0, not 2; choose another folder");
    assertThat(Files.readString(pairs.resolve("train_prompts.json"))).contains("a photo of a dog");
  }

  @Test
  void picturesHaveCaptionsBesideThem() throws IOException {
    Files.copy(cat, folder.resolve("cat.png"));
    Files.writeString(folder.resolve("cat.txt"), "a photo of a gray cat in the snow\n");
    Path made = folder.resolve("made");
    CommandLineRun run =
        CommandLineRun.of(
            "distill",
            "collect",
            folder,
            "-o",
            made,
            "--from",
            "cat",
            "--to",
            "dog",
            "--steps",
            1,
            "--no-classifier");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("1 pairs, 1 of them new").doesNotContain("classifier");
    String prompts =
        Files.readString(made.resolve("train_prompts.json"))
            + Files.readString(made.resolve("test_prompts.json"));
    assertThat(prompts).contains("a photo of a gray dog in the snow");
  }

  @ParameterizedTest
  @ValueSource(strings = {"comod", "fast"})
  void aStudentIsTrainedAndEdits(String kind) throws IOException {
    Path student = folder.resolve(kind);
    CommandLineRun trained = training(student, "--student", kind, "--steps", 3);
    assertThat(trained.code()).as(trained.err()).isZero();
    assertThat(trained.out())
        .contains(" pairs to train on, ")
        .contains("step 3 of 3, L1 ")
        .contains("wrote " + student + ", 3 steps");
    assertThat(training(student, "--student", kind, "--steps", 3).out())
        .contains("goes on from step 3");
    assertThat(training(student, "--student", kind, "--steps", 4).err())
        .contains("is a training with the options steps=3, not steps=4;");
    assertThat(training(folder.resolve("none"), "--student", kind, "--at-least", "zebra=1").err())
        .contains("--at-least: there is no score zebra; there are mask, change, psnr_outside,");
    assertThat(training(folder.resolve("none"), "--student", kind, "--at-most", "mask=NaN").err())
        .contains("--at-most: mask is bound by no number");
    assertThat(training(folder.resolve("none"), "--student", kind, "--batch", 0).code())
        .isEqualTo(2);
    assertThat(folder.resolve("none")).doesNotExist();

    CommandLineRun info = CommandLineRun.of("info", student);
    assertThat(info.out())
        .contains("student, " + kind)
        .containsPattern("from +cat")
        .containsPattern("to +dog")
        .containsPattern("teacher +sha256 ");
    Path dog = folder.resolve("dog.png");
    Path file = student.resolve("model.safetensors");
    CommandLineRun edited = CommandLineRun.of("distill", "edit", cat, "-o", dog, "--student", file);
    assertThat(edited.out()).startsWith("wrote " + dog + ", 64x64, student model.safetensors");
    assertThat(CommandLineRun.of("info", dog).out()).contains("Student: model.safetensors");
    Path many = folder.resolve("many");
    CommandLineRun all =
        CommandLineRun.of("distill", "edit", cat, dog, "--output-dir", many, "--student", student);
    assertThat(all.code()).as(all.err()).isZero();
    assertThat(many.resolve("cat.png")).exists();
    assertThat(many.resolve("dog.png")).exists();

    Path report = folder.resolve("report");
    CommandLineRun evaluated =
        CommandLineRun.of("distill", "evaluate", pairs, "--student", student, "--out", report);
    assertThat(evaluated.code()).as(evaluated.err()).isZero();
    assertThat(evaluated.out()).contains("| teacher | ").contains("| student | ");
  }

  @Test
  void infoKnowsTheBundledStudents() {
    assertThat(CommandLineRun.of("info", "cat-dog").out())
        .containsPattern("path +cat-dog\\nkind +student, comod\\npicture size +64x64\\n");
  }

  @Test
  void aTrainingIsHelpedAndTakesLessMemory() throws IOException {
    Path first = folder.resolve("first");
    assertThat(training(first, "--student", "fast", "--steps", 1).code()).isZero();
    CommandLineRun run =
        training(
            folder.resolve("second"),
            "--student",
            "fast",
            "--steps",
            2,
            "--start-from",
            first,
            "--model",
            "../toy-world/model",
            "--feature-weight",
            "0.5",
            "--accumulate",
            2,
            "--recompute");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("step 2 of 2, L1 [\\d.]+, mask [\\d.]+, features [\\d.]+");
    CommandLineRun other =
        training(
            folder.resolve("third"), "--student", "comod", "--steps", 1, "--start-from", first);
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err())
        .contains("cannot be the start of this training: its student is fast, not comod\n");
    CommandLineRun uneven = training(folder.resolve("fourth"), "--accumulate", 3);
    assertThat(uneven.code()).isEqualTo(2);
    assertThat(uneven.err()).contains("a batch of 2 does not fall into 3 parts");
    assertThat(training(folder.resolve("fifth"), "--feature-weight", 1).err())
        .contains("--feature-weight needs --model");
  }

  @Test
  void hoursAreASteps() {
    CommandLineRun run =
        training(folder.resolve("timed"), "--student", "fast", "--hours", "0.0001");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).containsPattern("[1-9][0-9]* steps in about 1\\.0E-4 hours");
  }

  @Test
  void saysWhatIsWrong() {
    assertRefused(2, "nothing to do: name a command", "distill");
    assertRefused(
        2,
        "--count says how many",
        "distill",
        "collect",
        "-o",
        "x",
        "--to",
        "dog",
        "--from",
        "cat");
    assertRefused(2, "say what to change", "distill", "collect", cat, "-o", "x");
    assertRefused(
        1, "no such folder of pairs: nowhere", "distill", "train", "nowhere", "-o", folder);
    assertRefused(
        2,
        "--student should be comod or fast, it is slow",
        "distill",
        "train",
        pairs,
        "-o",
        folder,
        "--student",
        "slow",
        "--all-pairs");
    assertRefused(
        2,
        "--hours does not go with --steps",
        "distill",
        "train",
        pairs,
        "-o",
        folder,
        "--steps",
        "1",
        "--hours",
        "1");
    assertRefused(
        1,
        "left out were, by score",
        "distill",
        "train",
        pairs,
        "-o",
        folder,
        "--at-least",
        "mask=2");
    assertRefused(
        1,
        "nowhere",
        "distill",
        "edit",
        cat,
        "-o",
        folder.resolve("x.png"),
        "--student",
        "nowhere");
    assertRefused(
        1,
        "is not a student",
        "distill",
        "edit",
        cat,
        "-o",
        folder.resolve("x.png"),
        "--student",
        "../toy-world/model/vae/diffusion_pytorch_model.safetensors");
  }

  private static void assertRefused(int code, String message, Object... command) {
    CommandLineRun run = CommandLineRun.of(command);
    assertThat(run.err()).contains(message);
    assertThat(run.code()).isEqualTo(code);
  }

  @Test
  void helpFitsATerminal() {
    for (String command : new String[] {"collect", "train", "edit", "evaluate"}) {
      CommandLineRun help = CommandLineRun.of("distill", command, "--help");
      assertThat(help.code()).isZero();
      assertThat(help.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(81));
    }
  }
}
