package io.github.pix2pixzero.stablediffusion;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is not finite is found where it arises, in the bundled model with one weight changed. */
class FiniteNumbersTest {
  private static final Path TOY = Path.of("..", "toy-world", "model");
  private static final Backend BACKEND = Backends.best(1);

  @TempDir private Path temp;

  @ParameterizedTest
  @CsvSource({
    "unet/diffusion_pytorch_model, mid_block.resnets.0.conv1.weight, NaN",
    "vae/diffusion_pytorch_model, decoder.conv_in.bias, Infinity",
    "text_encoder/model, final_layer_norm.bias, -Infinity"
  })
  void weightsAreNamedAtLoad(String file, String ending, float value) throws IOException {
    Path model = with(file + ".safetensors", ending, value);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StableDiffusion.load(model, BACKEND))
        .withMessageContaining(file)
        .withMessageContaining(ending)
        .withMessageContaining("holds numbers that are not finite");
  }

  @Test
  void theDecoderIsNamedWhereItOverflows() throws IOException {
    Path model = with("vae/diffusion_pytorch_model.safetensors", "decoder.conv_in.bias", 3e38f);
    StableDiffusion overflowing = StableDiffusion.load(model, BACKEND);
    int channels = overflowing.unet().config().inChannels();
    int size = overflowing.unet().config().sampleSize();
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> overflowing.decode(Tensor.zeros(BACKEND, 1, channels, size, size)))
        .withMessage("the decoder of the autoencoder makes numbers that are not finite");
  }

  /** The toy model, one weight's last number another, all of its file in float32. */
  private Path with(String file, String ending, float value) throws IOException {
    try (Stream<Path> walk = Files.walk(TOY)) {
      for (Path from : walk.filter(Files::isRegularFile).toList()) {
        Path to = temp.resolve(TOY.relativize(from).toString());
        Files.createDirectories(to.getParent());
        Files.copy(from, to);
      }
    }
    SafetensorsWriter writer = new SafetensorsWriter();
    try (SafetensorsFile whole = SafetensorsFile.open(TOY.resolve(file))) {
      for (String name : whole.names()) {
        if (!whole.entry(name).type().isFloating()) {
          continue;
        }
        float[] numbers = whole.readFloats(name);
        if (name.endsWith(ending)) {
          numbers[numbers.length - 1] = value;
        }
        writer.add(name, whole.entry(name).shape(), numbers);
      }
      writer.write(temp.resolve(file));
    }
    return temp;
  }
}
