package io.github.pix2pixzero.stablediffusion;

import static io.github.pix2pixzero.tensor.testing.HostileInput.assertTakesLittleMemory;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.pix2pixzero.clip.LearnedWord;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.io.StoredTensor;
import io.github.pix2pixzero.tensor.io.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hostile LoRAs and learned words. Jazzer makes them up where {@code JAZZER_FUZZ=1} is set;
 * otherwise those it has found worth keeping are read, from {@code AdditionsFuzzTestInputs}.
 */
class AdditionsFuzzTest {
  /** Bytes that follow a header: room for the factors of the two weights below. */
  private static final int DATA = 56;

  @TempDir Path folder;
  private Path unet;
  private Path text;

  @BeforeEach
  void writeModels() throws IOException {
    unet = folder.resolve("unet.safetensors");
    new SafetensorsWriter()
        .add("a.weight", new long[] {2, 3}, new float[6])
        .add("c.weight", new long[] {2, 1, 2, 2}, new float[8])
        .write(unet);
    text = folder.resolve("text.safetensors");
    new SafetensorsWriter().add("b.weight", new long[] {2, 3}, new float[6]).write(text);
  }

  @FuzzTest
  @DictionaryFile(resourcePath = "lora.dict")
  void loras(byte[] header) throws Exception {
    Path file = write(header);
    assertTakesLittleMemory(header, () -> merge(file));
  }

  @FuzzTest
  @DictionaryFile(resourcePath = "lora.dict")
  void words(byte[] header) throws Exception {
    Path file = write(header);
    assertTakesLittleMemory(header, () -> word(file));
  }

  @FuzzTest
  void pickledWords(byte[] bytes) throws Exception {
    Path file = Files.write(folder.resolve("fuzz.pt"), bytes);
    assertTakesLittleMemory(bytes, () -> word(file));
  }

  /** The length is made right, so that all the damage is to what it counts. */
  private Path write(byte[] header) throws IOException {
    byte[] bytes =
        ByteBuffer.allocate(Long.BYTES + header.length + DATA)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .array();
    return Files.write(folder.resolve("fuzz.safetensors"), bytes);
  }

  private void merge(Path file) throws IOException {
    try (TensorSource unetFile = SafetensorsFile.open(unet);
        TensorSource textFile = SafetensorsFile.open(text)) {
      Lora.Merged merged = Lora.merge(unetFile, textFile, new LoraChoice(file, 1));
      for (TensorSource source : new TensorSource[] {merged.unet(), merged.text()}) {
        for (String name : source.names()) {
          StoredTensor tensor = source.tensor(name);
          assertThat(tensor.floats()).hasSize((int) tensor.elementCount());
        }
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("fuzz.safetensors");
    }
  }

  private static void word(Path file) {
    try {
      LearnedWord word = TextualInversion.read(new EmbeddingChoice(file, Optional.empty()));
      assertThat(word.vectors()).hasSize(word.count() * word.width());
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("fuzz.");
    }
  }
}
