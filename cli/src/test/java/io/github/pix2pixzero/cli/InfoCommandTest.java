package io.github.pix2pixzero.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfoCommandTest {
  private static final String TOY = Path.of("..", "toy-world", "model").toString();

  @TempDir private Path temp;

  @Test
  void describesACheckpoint() throws IOException {
    CommandLineRun run = CommandLineRun.of("info", TOY);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("kind +checkpoint, a folder in the layout of diffusers")
        .containsPattern("family +a latent diffusion model that is neither")
        .containsPattern("prediction type +epsilon")
        .containsPattern("scheduler +DDIMScheduler, scaled_linear, 1000 timesteps")
        .containsPattern("picture size +64x64")
        .containsPattern("unet +parameters \\d{7}, tensors \\d+, types \\{F16=")
        .containsPattern("missing +none")
        .containsPattern("left over +none");
  }

  @Test
  void printsJson() throws IOException {
    CommandLineRun run = CommandLineRun.of("info", "--json", TOY);
    JsonNode report = new JsonMapper().readTree(run.out());
    assertThat(report.get("prediction_type").asText()).isEqualTo("epsilon");
    assertThat(report.at("/unet/parameters").asLong()).isGreaterThan(8_000_000);
    assertThat(report.get("missing").isArray()).isTrue();
    assertThat(report.get("missing")).isEmpty();
  }

  @Test
  void describesADirectionFile() throws IOException {
    Path file = temp.resolve("d.safetensors");
    new SafetensorsWriter()
        .add("direction", new long[] {1, 2, 768}, new float[2 * 768])
        .metadata("source_example", "a cat")
        .write(file);
    CommandLineRun run = CommandLineRun.of("info", file.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("kind +edit direction")
        .containsPattern("family +Stable Diffusion 1.x")
        .containsPattern("tokens +2")
        .containsPattern("source example +a cat");
    Path misnamed = Files.copy(file, temp.resolve("d.png"));
    assertThat(CommandLineRun.of("info", misnamed).out()).containsPattern("kind +edit direction");
  }

  @Test
  void describesAPicture() throws IOException {
    Path picture = Path.of("..", "toy-world", "examples", "cat.png");
    CommandLineRun run = CommandLineRun.of("info", picture.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).containsPattern("kind +picture").containsPattern("size +\\d+x\\d+");
  }

  @Test
  void readsBackHowAPictureWasMadeAndWhatAnInversionHolds() throws IOException {
    Path made = temp.resolve("made.png");
    Path kept = temp.resolve("made.safetensors");
    CommandLineRun.of(
        "generate", "a cat", "-o", made, "--steps", 1, "--seed", 5, "--save-inversion", kept);
    assertThat(CommandLineRun.of("info", made).out())
        .containsPattern("size +64x64")
        .containsPattern("parameters +a cat\\R +Steps: 1, Sampler: DDIM,.* Seed: 5,");
    assertThat(CommandLineRun.of("info", kept).out())
        .containsPattern("kind +inversion of a generated picture")
        .containsPattern("caption +a cat")
        .containsPattern("steps +1")
        .containsPattern("noise deviation +(0.9|1.0)\\d");
  }

  @Test
  void namesWhatIsNoneOfThese() throws IOException {
    Path text = Files.writeString(temp.resolve("x.txt"), "hello");
    for (String path : new String[] {text.toString(), temp.toString(), "nope"}) {
      CommandLineRun run = CommandLineRun.of("info", path);
      assertThat(run.code()).isEqualTo(1);
      assertThat(run.err()).startsWith("pix2pix-zero: ").contains(path).hasLineCount(1);
    }
  }

  @Test
  void refusesAPredictionTypeThereIsNot() {
    CommandLineRun run = CommandLineRun.of("info", TOY, "--prediction-type", "x");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("expected epsilon, v_prediction or sample, not x");
  }

  @Test
  void oneTensorIsNotADirectionWhateverItIs() throws IOException {
    Path word = temp.resolve("word.safetensors");
    new SafetensorsWriter().add("emb_params", new long[] {2, 48}, new float[96]).write(word);
    CommandLineRun run = CommandLineRun.of("info", word.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .containsPattern("kind +learned word of textual inversion")
        .containsPattern("token +word")
        .containsPattern("vectors +2");
  }

  @Test
  void saysThatACheckpointIsMisnamed() throws IOException {
    Path file = temp.resolve("model.png");
    new SafetensorsWriter()
        .add("model.diffusion_model.out.2.bias", new long[] {4}, new float[4])
        .add("x", new long[] {1}, new float[1])
        .write(file);
    CommandLineRun run = CommandLineRun.of("info", file);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("model.png is no checkpoint", "a file called .safetensors");
  }

  @Test
  void saysWhyACheckpointWouldBeRefused() throws IOException {
    Path copy = temp.resolve("copy");
    try (Stream<Path> walk = Files.walk(Path.of(TOY))) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(Path.of(TOY).relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    Files.writeString(
        copy.resolve("scheduler/scheduler_config.json"),
        "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\"}");
    CommandLineRun run = CommandLineRun.of("info", copy.toString());
    assertThat(run.out()).contains("refused").contains("FlowMatchEulerDiscreteScheduler");
  }

  @Test
  void anInversionSaysItsModelAndIsRefusedByOthers() {
    Path kept = temp.resolve("kept.safetensors");
    Path made = temp.resolve("made.png");
    CommandLineRun.of("generate", "a cat", "-o", made, "--steps", 1, "--save-inversion", kept);
    CommandLineRun info = CommandLineRun.of("info", kept);
    assertThat(info.out())
        .containsPattern("model +toy-world")
        .containsPattern("schedule +epsilon, leading, 1000 timesteps")
        .containsPattern("fingerprint +text encoder -?[0-9]")
        .contains("noise predictor ");
    Path edited = temp.resolve("edited.png");
    CommandLineRun edit =
        CommandLineRun.of(
            "edit",
            "--inversion",
            kept,
            "-o",
            edited,
            "--target-caption",
            "a dog",
            "--model",
            Path.of("..", "toy-world", "model"),
            "--prediction-type",
            "v_prediction");
    assertThat(edit.code()).isEqualTo(1);
    assertThat(edit.err())
        .contains("the inversion was made with another model: with toy-world, this one is model;");
    assertThat(edited).doesNotExist();
  }
}
