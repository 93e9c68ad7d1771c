package io.github.pix2pixzero.tensor.io;

import static io.github.pix2pixzero.tensor.testing.HostileInput.assertTakesLittleMemory;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.DictionaryFile;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Hostile indices beside two honest shards; see {@link SafetensorsFuzzTest}. */
class SafetensorsIndexFuzzTest {
  private static final String INDEX = "m.safetensors.index.json";

  @TempDir Path folder;

  @BeforeEach
  void writeShards() throws IOException {
    for (String name : new String[] {"a", "b"}) {
      new SafetensorsWriter()
          .add(name, new long[] {1}, new float[1])
          .write(folder.resolve(name + ".safetensors"));
    }
  }

  @FuzzTest
  @DictionaryFile(resourcePath = "safetensors-index.dict")
  void indices(byte[] index) throws Exception {
    Files.write(folder.resolve(INDEX), index);
    assertTakesLittleMemory(index, this::read);
  }

  private void read() throws IOException {
    try (TensorSource shards = ModelFolder.of(folder).weights("m")) {
      assertThat(shards.names()).isSubsetOf("a", "b");
      for (String name : shards.names()) {
        assertThat(shards.tensor(name)).asString().contains(name + ".safetensors: ");
      }
    } catch (IOException | IllegalArgumentException e) {
      assertThat(e).hasMessageContaining(INDEX);
    }
  }
}
