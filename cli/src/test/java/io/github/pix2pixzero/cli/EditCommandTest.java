package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short edits with the bundled model. */
class EditCommandTest {
  @TempDir Path folder;
  private Path cat;
  private Path output;

  @BeforeEach
  void prepare() throws IOException {
    cat = CommandLineRun.example("cat.png", folder);
    output = folder.resolve("out.png");
  }

  @Test
  void writesThePictureAndTheLatents() throws IOException {
    Files.writeString(output, "old");
    Path latents = folder.resolve("latents.safetensors");
    CommandLineRun run =
        edit(
            "--from cat --to dog --steps 2 --published --gradient full --threads 2 --save-latents",
            latents);
    assertThat(run.err())
        .isEqualToNormalizingNewlines(
            "sentences\nencoding\ninverting, 2 steps\nediting, 2 steps\ndecoding\n");
    assertThat(run.code()).isZero();
    assertThat(run.out())
        .hasLineCount(2)
        .endsWith("  caption: a photo of a cat" + System.lineSeparator())
        .startsWith("wrote " + output + " and " + latents + ", 64x64, 2 steps, inversion ")
        .containsPattern(
            "inversion [0-9.]+ s, edit [0-9.]+ s, backend \\w+ \\(2 threads\\), peak \\d\\d+ MiB");

    BufferedImage source = PictureFiles.read(cat);
    BufferedImage edited = PictureFiles.read(output);
    assertThat(edited.getWidth()).isEqualTo(64);
    assertThat(edited.getHeight()).isEqualTo(64);
    assertThat(pixels(edited)).isNotEqualTo(pixels(source));

    try (SafetensorsFile file = SafetensorsFile.open(latents)) {
      assertThat(file.names()).containsExactlyInAnyOrder("inverted", "edited");
      for (String name : file.names()) {
        assertThat(file.entry(name).shape()).containsExactly(1, 4, 16, 16);
        for (float value : file.readFloats(name)) {
          assertThat(value).isFinite();
        }
      }
      assertThat(file.readFloats("edited")).isNotEqualTo(file.readFloats("inverted"));
    }
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("cat.png", "out.png", "latents.safetensors");
  }

  @Test
  void takesSentencesAndPicturesOfOtherSizes() throws IOException {
    PictureFiles.write(new BufferedImage(90, 61, BufferedImage.TYPE_INT_RGB), cat);
    Path cats = Files.writeString(folder.resolve("cats.txt"), "a cat\na photo of a cat\n");
    Path dogs = Files.writeString(folder.resolve("dogs.txt"), "a dog\n\na photo of a dog\n");
    CommandLineRun run =
        edit(
            "--caption gray --steps 1 --source-sentences",
            cats,
            "--target-sentences",
            dogs,
            "--negative-prompt",
            "");
    assertThat(run.err())
        .isEqualToNormalizingNewlines(
            "sentences\nencoding\ninverting, 1 step\nmasking, 1 step\nediting, 1 step\ndecoding\n");
    assertThat(run.code()).isZero();
    assertThat(run.out()).contains(", 80x48 (from 90x61), 1 step, ");
    assertThat(PictureFiles.read(output).getWidth()).isEqualTo(80);
  }

  @Test
  void anEditThatRunsOffToInfinityIsAnError() throws IOException {
    Files.writeString(output, "old");
    Path cats = Files.writeString(folder.resolve("cats.txt"), "a cat");
    Path dogs = Files.writeString(folder.resolve("dogs.txt"), "a dog");
    CommandLineRun run =
        edit(
            "--steps 2 --guidance-scale 1e38 --source-sentences", cats, "--target-sentences", dogs);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err().lines().filter(line -> line.startsWith("pix2pix-zero: ")))
        .containsExactly(
            "pix2pix-zero: the edit ran off to infinity with {CFG scale=1.0E38, Contrast=1.0,"
                + " Guidance amount=10.0, Guidance steps=0.25..1.0, Hold background=true,"
                + " Make room=true, Deep every=2}");
    assertThat(output).hasContent("old");
  }

  /** Edits the cat; the first argument is split at spaces. */
  private CommandLineRun edit(String options, Object... more) {
    List<Object> words = new ArrayList<>(List.of("edit", cat, "-o", output));
    words.addAll(List.of(options.split(" ")));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray());
  }

  private static int[] pixels(BufferedImage picture) {
    return picture.getRGB(
        0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
  }
}
