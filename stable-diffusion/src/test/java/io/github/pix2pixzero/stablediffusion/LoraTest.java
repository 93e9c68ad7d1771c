package io.github.pix2pixzero.stablediffusion;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.github.pix2pixzero.clip.ClipTextConfig;
import io.github.pix2pixzero.clip.ClipTextModel;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.io.TensorSource;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.unet.UNet2DConditionModel;
import io.github.pix2pixzero.unet.UNetConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Merged LoRAs give what diffusers and transformers give with the weights that torch has merged.
 */
class LoraTest {
  private static final Path GOLDENS = Path.of("src", "test", "resources", "goldens", "lora");
  private static final Path UNET = golden("unet", "unet-sd1");
  private static final Path TEXT = golden("clip-text", "clip-text-sd1");
  private static final Backend BACKEND = Backends.best(1);
  private static final double TOLERANCE = 1e-4;

  @TempDir private Path temp;

  private static Path golden(String module, String name) {
    return Path.of("..", module, "src", "test", "resources", "goldens", name);
  }

  @ParameterizedTest
  @CsvSource({"kohya, kohya", "peft, all", "older, all"})
  void changesTheModelsAsTorchDoes(String file, String expected) throws IOException {
    LoraChoice choice = LoraChoice.of(GOLDENS.resolve(file + ".safetensors") + ":0.8");
    try (TensorSource unetFile = ModelFolder.of(UNET).weights("diffusion_pytorch_model");
        TensorSource textFile = ModelFolder.of(TEXT).weights("model");
        SafetensorsFile goldens = SafetensorsFile.open(GOLDENS.resolve("expected.safetensors"));
        SafetensorsFile unetIo = SafetensorsFile.open(UNET.resolve("io.safetensors"));
        SafetensorsFile textIo = SafetensorsFile.open(TEXT.resolve("io.safetensors"))) {
      Lora.Merged merged = Lora.merge(unetFile, textFile, choice);
      float[] noise = noise(merged, unetIo);
      assertClose(noise, goldens.readFloats(expected + ".noise"), TOLERANCE);
      ClipTextModel text =
          new ClipTextModel(
              Weights.of(BACKEND, merged.text()),
              ClipTextConfig.from(ModelFolder.of(TEXT).json("config.json")));
      assertClose(
          text.forward(ids(textIo)).toFloats(),
          goldens.readFloats(expected + ".states"),
          TOLERANCE);
      assertThat(noise).isNotEqualTo(unetIo.readFloats("1.noise"));
    }
  }

  /** All layers that the published one has: convolutions, projections, the embedded time. */
  @Test
  void anLcmLoraGivesWhatPeftGives() throws IOException {
    try (TensorSource unetFile = ModelFolder.of(UNET).weights("diffusion_pytorch_model");
        TensorSource textFile = ModelFolder.of(TEXT).weights("model");
        SafetensorsFile goldens =
            SafetensorsFile.open(GOLDENS.resolve("lcm-expected.safetensors"));
        SafetensorsFile unetIo = SafetensorsFile.open(UNET.resolve("io.safetensors"))) {
      LoraChoice choice = new LoraChoice(GOLDENS.resolve("lcm.safetensors"), 1);
      Lora.Merged merged = Lora.merge(unetFile, textFile, choice);
      assertClose(noise(merged, unetIo), goldens.readFloats("noise"), TOLERANCE);
      assertThat(merged.text()).isSameAs(textFile);
    }
  }

  private static float[] noise(Lora.Merged merged, SafetensorsFile io) throws IOException {
    UNet2DConditionModel unet =
        new UNet2DConditionModel(
            Weights.of(BACKEND, merged.unet()),
            UNetConfig.from(ModelFolder.of(UNET).json("config.json")));
    return unet.forward(
            tensor(io, "1.latent"), (int) io.readLongs("1.timestep")[0], tensor(io, "1.context"))
        .toFloats();
  }

  @Test
  void namesWhatFitsNothing() throws IOException {
    Path file = temp.resolve("other.safetensors");
    new SafetensorsWriter()
        .add("lora_unet_nowhere.lora_down.weight", new long[] {1, 1}, new float[1])
        .add("lora_unet_nowhere.lora_up.weight", new long[] {1, 1}, new float[1])
        .add("something.else", new long[] {1}, new float[1])
        .write(file);
    try (TensorSource unetFile = ModelFolder.of(UNET).weights("diffusion_pytorch_model");
        TensorSource textFile = ModelFolder.of(TEXT).weights("model")) {
      assertThatIOException()
          .isThrownBy(() -> Lora.merge(unetFile, textFile, new LoraChoice(file, 1)))
          .withMessageContaining("other.safetensors: 3 tensors fit nothing in the checkpoint")
          .withMessageContaining("lora_unet_nowhere.lora_up.weight")
          .withMessageContaining("something.else");
    }
  }

  @Test
  void halfPrecisionStaysHalfPrecision() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putShort((short) 0x3c00).putShort((short) 0xbc00); // 1 and -1
    StoredTensor half =
        StoredTensor.of("w", StoredType.F16, new long[] {2}, () -> bytes.duplicate().flip());
    StoredTensor changed = half.changed(w -> w[1] += 0.25f);
    assertThat(changed.type()).isEqualTo(StoredType.F16);
    assertThat(changed.floats()).containsExactly(1f, -0.75f);
  }

  @ParameterizedTest
  @CsvSource({
    "a.safetensors, a.safetensors, 1",
    "a.safetensors:0.8, a.safetensors, 0.8",
    "a.safetensors:-1, a.safetensors, -1",
    "a:b.safetensors, a:b.safetensors, 1"
  })
  void aWeightMayStandBehindTheFile(String text, String file, double weight) {
    assertThat(LoraChoice.of(text)).isEqualTo(new LoraChoice(Path.of(file), weight));
  }

  private static Tensor tensor(SafetensorsFile io, String name) throws IOException {
    int[] dims = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(BACKEND, io.readFloats(name), dims);
  }

  private static int[][] ids(SafetensorsFile io) throws IOException {
    int[] flat = Arrays.stream(io.readLongs("ids")).mapToInt(Math::toIntExact).toArray();
    int tokens = 77;
    return IntStream.range(0, flat.length / tokens)
        .mapToObj(row -> Arrays.copyOfRange(flat, row * tokens, (row + 1) * tokens))
        .toArray(int[][]::new);
  }
}
