package io.github.pix2pixzero.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableList;
import com.google.common.io.Resources;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorShardsTest {
  private static final ImmutableList<String> TORCH_SHARDS =
      ImmutableList.of(
          "pytorch_model.bin.index.json",
          "pytorch_model-00001-of-00002.bin",
          "pytorch_model-00002-of-00002.bin");

  @TempDir Path folder;

  private void shard(String file, String name, float value) throws IOException {
    new SafetensorsWriter()
        .add(name, new long[] {1}, new float[] {value})
        .add("unnamed", new long[] {1}, new float[1])
        .write(folder.resolve(file));
  }

  private TensorSource open(String map) throws IOException {
    shard("m-1.safetensors", "a.x", 1);
    shard("m-2.safetensors", "b.x", 2);
    Files.writeString(folder.resolve("m.safetensors.index.json"), "{\"weight_map\": " + map + "}");
    return ModelFolder.of(folder).weights("m");
  }

  @Test
  void areOneSetOfWeights() throws IOException {
    String map = "{\"a.x\": \"m-1.safetensors\", \"b.x\": \"m-2.safetensors\"}";
    try (TensorSource files = open(map)) {
      Weights weights = Weights.of(Backends.best(1), files);
      assertThat(weights.leftovers()).containsExactlyInAnyOrder("a.x", "b.x");
      assertThat(weights.at("b").tensor("x", 1).toFloats()).containsExactly(2);
      assertThat(weights.at("a").tensor("x", 1).toFloats()).containsExactly(1);
      assertThat(weights.leftovers()).isEmpty();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> weights.tensor("unnamed", 1))
          .withMessageContaining("m.safetensors.index.json has no tensor unnamed");
    }
  }

  @ParameterizedTest
  @CsvSource({"pytorch_model.bin.index.json,", "m.bin.index.fp16.json, fp16"})
  void mayBePickles(String index, String preferred) throws IOException {
    for (String name : TORCH_SHARDS) {
      String target = name.endsWith(".json") ? index : name;
      Files.copy(resource("torch-shards/" + name), folder.resolve(target));
    }
    try (TensorSource shards = ModelFolder.of(folder).weights("m", preferred);
        SafetensorsFile expected = SafetensorsFile.open(resource("torch-state.safetensors"))) {
      assertThat(shards.displayName()).endsWith(index);
      assertThat(shards.names()).containsExactlyInAnyOrderElementsOf(expected.names());
      for (String tensor : expected.names()) {
        assertThat(shards.tensor(tensor).shape()).isEqualTo(expected.entry(tensor).shape());
        assertThat(shards.tensor(tensor).bytes()).isEqualTo(expected.readBytes(tensor));
      }
    }
    Files.delete(folder.resolve(TORCH_SHARDS.get(1)));
    assertThatExceptionOfType(SafetensorsException.class)
        .isThrownBy(() -> ModelFolder.of(folder).weights("m", preferred))
        .withMessageContaining(index + ": there is no file '" + TORCH_SHARDS.get(1));
  }

  private static Path resource(String name) {
    try {
      return Path.of(Resources.getResource(TensorShardsTest.class, name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void oneFileGoesBeforeAnIndex() throws IOException {
    shard("m.safetensors", "c", 3);
    try (TensorSource files = open("{}")) {
      assertThat(files.names()).containsExactlyInAnyOrder("c", "unnamed");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a.x, m-3.safetensors, there is no file 'm-3.safetensors' beside it",
    "a.x, ../m-1.safetensors, there is no file '../m-1.safetensors' beside it",
    "a.x, .., there is no file '..' beside it",
    "a.x, '', there is no file '' beside it",
    "a.x, \\u0000, there is no file '",
    "a.x, \\ud800, there is no file '",
    "b.x, m-1.safetensors, 'm-1.safetensors' should hold b.x",
  })
  void refusesAnIndexThatIsWrong(String name, String shard, String reason) {
    assertThatExceptionOfType(SafetensorsException.class)
        .isThrownBy(() -> open("{\"" + name + "\": \"" + shard + "\"}"))
        .withMessageContaining("m.safetensors.index.json: ")
        .withMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource({"[1], should be an object", "null, lacks weight_map", "{\"a\": 1}, a of weight_map"})
  void refusesAMapThatIsNone(String map, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> open(map))
        .withMessageContaining("m.safetensors.index.json")
        .withMessageContaining(reason);
  }
}
