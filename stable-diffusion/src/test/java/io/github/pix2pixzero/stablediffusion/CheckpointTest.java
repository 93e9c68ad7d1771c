package io.github.pix2pixzero.stablediffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.inversion.NoiseSchedule;
import io.github.pix2pixzero.inversion.PredictionType;
import io.github.pix2pixzero.inversion.TimestepSpacing;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.JsonConfig;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.io.StoredType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final Path TOY = Path.of("..", "toy-world", "model");
  private static final String UNET = "unet/diffusion_pytorch_model.safetensors";

  @TempDir private Path temp;

  @ParameterizedTest
  @ValueSource(strings = {"model.ckpt", "model.pt", "model.PTH", "pytorch_model.bin"})
  void picklesAreRefused(String name) throws IOException {
    Path file = Files.createFile(temp.resolve(name));
    assertThatIOException()
        .isThrownBy(() -> Checkpoint.open(file, LoadOptions.defaults()))
        .withMessageContaining(name)
        .withMessageContaining("is a pickle")
        .withMessageContaining(".safetensors");
  }

  @Test
  void whatIsCalledAPickleIsToBeOne() throws IOException {
    Path folder = copyOfToy();
    Files.move(folder.resolve(UNET), folder.resolve("unet/diffusion_pytorch_model.bin"));
    assertThatIOException()
        .isThrownBy(() -> Checkpoint.open(folder, LoadOptions.defaults()))
        .withMessageContaining("diffusion_pytorch_model.bin: not a file of PyTorch");
  }

  @ParameterizedTest
  @CsvSource({
    "conditioner.embedders.0.x, Stable Diffusion XL",
    "model.diffusion_model.label_emb.0.0.weight, an unCLIP or XL model",
    "model.diffusion_model.joint_blocks.0.x, Stable Diffusion 3",
    "lora_unet_down.weight, a LoRA",
    "control_model.x, a ControlNet",
    "model.diffusion_model.out.0.weight, it has no first_stage_model.*",
    "something, it has no model.diffusion_model.*"
  })
  void otherKindsAreNamed(String tensor, String kind) throws IOException {
    Path file = temp.resolve("model.safetensors");
    new SafetensorsWriter().add(tensor, new long[] {1}, new float[1]).write(file);
    assertThatIOException()
        .isThrownBy(() -> Checkpoint.open(file, LoadOptions.defaults()))
        .withMessageContaining("model.safetensors")
        .withMessageContaining(kind);
  }

  @Test
  void everyMissingWeightIsNamedBeforeAnyIsRead() throws IOException {
    Path folder = copyOfToy();
    List<String> missing =
        List.of("conv_in.weight", "conv_out.bias", "mid_block.resnets.0.norm1.weight");
    SafetensorsWriter writer = new SafetensorsWriter();
    try (SafetensorsFile file = SafetensorsFile.open(TOY.resolve(UNET))) {
      for (String name : file.names()) {
        if (!missing.contains(name)) {
          writer.addBytes(
              name, file.entry(name).type(), file.entry(name).shape(), file.readBytes(name));
        }
      }
      writer.add("extra", new long[] {1}, new float[1]);
      writer.write(folder.resolve(UNET));
    }
    List<Integer> loaded = new ArrayList<>();
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                StableDiffusion.load(
                    folder,
                    Backends.best(1),
                    LoadOptions.defaults(),
                    (done, tensors) -> loaded.add(done)))
        .withMessageContaining(UNET)
        .satisfies(e -> missing.forEach(name -> assertThat(e.getMessage()).contains(name)));
    assertThat(loaded).isEmpty();
    try (Checkpoint checkpoint = Checkpoint.open(folder, LoadOptions.defaults())) {
      Inspection.Part unet = Inspection.of(checkpoint).parts().get(2);
      assertThat(unet.faults()).hasSize(3);
      assertThat(unet.leftovers()).containsExactly("extra");
      assertThat(unet.types().keySet()).contains(StoredType.F16);
    }
  }

  @Test
  void loadingShowsProgressTensorByTensor() throws IOException {
    List<Integer> loaded = new ArrayList<>();
    List<Integer> totals = new ArrayList<>();
    StableDiffusion.load(
        TOY,
        Backends.best(1),
        LoadOptions.defaults(),
        (done, tensors) -> {
          loaded.add(done);
          totals.add(tensors);
        });
    int total = totals.get(0);
    assertThat(loaded).isEqualTo(IntStream.rangeClosed(0, total).boxed().toList());
    assertThat(totals).containsOnly(total);
  }

  @Test
  void thePredictionTypeCanBeOverruled() throws IOException {
    LoadOptions velocity =
        LoadOptions.builder().predictionType(PredictionType.V_PREDICTION).build();
    try (Checkpoint plain = Checkpoint.open(TOY, LoadOptions.defaults());
        Checkpoint overruled = Checkpoint.open(TOY, velocity)) {
      assertThat(plain.scheduler().getString("prediction_type", "")).isEqualTo("epsilon");
      assertThat(overruled.scheduler().getString("prediction_type", "")).isEqualTo("v_prediction");
      assertThat(overruled.scheduler().getInt("steps_offset")).isEqualTo(1);
    }
  }

  @Test
  void aPreferredVariantIsTakenWhereThereIsOne() throws IOException {
    Path folder = copyOfToy();
    Files.copy(folder.resolve(UNET), folder.resolve(UNET.replace(".safe", ".ema.safe")));
    LoadOptions ema = LoadOptions.builder().variant("ema").build();
    try (Checkpoint checkpoint = Checkpoint.open(folder, ema)) {
      assertThat(checkpoint.unet().displayName()).endsWith("model.ema.safetensors");
      assertThat(checkpoint.vae().displayName()).endsWith("model.safetensors");
    }
  }

  @Test
  void zeroTerminalSnrIsTakenFromItsMark() throws IOException {
    JsonConfig plain = CompVisFile.scheduler("x", PredictionType.V_PREDICTION, false);
    assertThat(NoiseSchedule.from(plain).alphaCumprod(999)).isPositive();
    NoiseSchedule marked =
        NoiseSchedule.from(CompVisFile.scheduler("x", PredictionType.V_PREDICTION, true));
    assertThat(marked.alphaCumprod(999)).isZero();
    assertThat(marked.timestepSpacing()).isEqualTo(TimestepSpacing.TRAILING);
  }

  @Test
  void theTimestepSpacingCanBeOverruled() throws IOException {
    LoadOptions trailing = LoadOptions.builder().timestepSpacing(TimestepSpacing.TRAILING).build();
    try (Checkpoint overruled = Checkpoint.open(TOY, trailing)) {
      assertThat(NoiseSchedule.from(overruled.scheduler()).timestepSpacing())
          .isEqualTo(TimestepSpacing.TRAILING);
    }
  }

  @Test
  void linksToConfigsThatAreNotThereAreNamed() throws IOException {
    Path folder = copyOfToy();
    Files.delete(folder.resolve("unet/config.json"));
    Files.createSymbolicLink(folder.resolve("unet/config.json"), Path.of("../../blobs/0123"));
    assertThatIOException()
        .isThrownBy(() -> Checkpoint.open(folder, LoadOptions.defaults()))
        .withMessageContaining("blobs/0123")
        .withMessageContaining("is the download complete?");
  }

  @Test
  void aSnapshotThatLacksPartsMayBeHalfDownloaded() throws IOException {
    Path snapshot = temp.resolve("models--a--b/snapshots/0123");
    Files.createDirectories(snapshot);
    Files.copy(TOY.resolve("model_index.json"), snapshot.resolve("model_index.json"));
    assertThatIOException()
        .isThrownBy(() -> Checkpoint.open(snapshot, LoadOptions.defaults()))
        .withMessageEndingWith("it has no unet/config.json; is the download complete?");
  }

  @ParameterizedTest
  @CsvSource({
    "input_blocks10in_layers0weight, input_blocks.1.0.in_layers.0.weight",
    "input_blocks110emb_layers1bias, input_blocks.11.0.emb_layers.1.bias",
    "input_blocks00bias, input_blocks.0.0.bias",
    "output_blocks52convweight, output_blocks.5.2.conv.weight",
    "middle_block1transformer_blocks0attn2to_out0weight,"
        + " middle_block.1.transformer_blocks.0.attn2.to_out.0.weight",
    "input_blocks41transformer_blocks0ffnet0projbias,"
        + " input_blocks.4.1.transformer_blocks.0.ff.net.0.proj.bias",
    "time_embed2weight, time_embed.2.weight",
    "out0bias, out.0.bias",
    "decay, ",
  })
  void averagesHaveTheNamesOfTheirWeights(String flat, String dotted) {
    assertThat(CompVisEma.dotted(flat)).isEqualTo(dotted);
  }

  @Test
  void linksToFilesThatAreNotThereAreNamed() throws IOException {
    Path folder = copyOfToy();
    Files.delete(folder.resolve(UNET));
    Files.createSymbolicLink(folder.resolve(UNET), Path.of("../../blobs/0123"));
    assertThatIOException()
        .isThrownBy(() -> Checkpoint.open(folder, LoadOptions.defaults()))
        .withMessageContaining("blobs/0123")
        .withMessageContaining("is the download complete?");
  }

  private Path copyOfToy() throws IOException {
    Path copy = temp.resolve("copy");
    try (Stream<Path> walk = Files.walk(TOY)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(TOY.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    return copy;
  }
}
