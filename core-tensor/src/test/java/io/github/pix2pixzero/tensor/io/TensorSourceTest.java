package io.github.pix2pixzero.tensor.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.nn.DeclaredWeights;
import io.github.pix2pixzero.tensor.nn.Weights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorSourceTest {
  private static final float[] VALUES = {0, 1, 2, 3, 4, 5};

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(
      value = StoredType.class,
      names = {"F32", "F16", "BF16", "F64"})
  void rowsOfATensorAreReadWithoutTheOthers(StoredType type) throws IOException {
    write("m.safetensors", type);
    try (TensorSource file = ModelFolder.of(folder).weights("m")) {
      StoredTensor middle = file.tensor("a").rows(1, 3).rows(0, 1);

      assertThat(middle.shape()).containsExactly(1, 2);
      assertThat(middle.type()).isEqualTo(type);
      assertThat(middle.byteSize()).isEqualTo(2L * type.byteSize());
      assertThat(middle.floats()).containsExactly(2, 3);
      ByteBuffer bytes = middle.bytes();
      assertThat(bytes.remaining()).isEqualTo(2 * type.byteSize());
      assertThat(bytes)
          .isEqualTo(file.tensor("a").bytes().slice(2 * type.byteSize(), 2 * type.byteSize()));
      assertThat(bytes.order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
      assertThat(file.tensor("a").floats()).containsExactly(VALUES);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> file.tensor("a").rows(1, 4))
          .withMessageContaining("'a' " + type + "[3, 2] has no rows 1 to 4");
    }
  }

  @Test
  void tensorsHaveNewNamesAndTheirFileIsClosedWithThem() throws IOException {
    write("m.safetensors", StoredType.F32);
    TensorSource file = ModelFolder.of(folder).weights("m");
    StoredTensor stored = file.tensor("a");
    RenamedTensors renamed = new RenamedTensors(file, Map.of("x.weight", stored.rows(2, 3)));

    assertThat(renamed.names()).containsExactly("x.weight");
    assertThat(renamed.displayName()).endsWith("m.safetensors");
    assertThat(Weights.of(Backends.best(1), renamed).at("x").tensor("weight", 1, 2).toFloats())
        .containsExactly(4, 5);
    assertThatIOException().isThrownBy(() -> renamed.tensor("a")).withMessageContaining("'a'");
    renamed.close();
    assertThatIllegalStateException().isThrownBy(stored::floats);
  }

  @Test
  void declaredWeightsSayAllThatIsWrong() throws IOException {
    write("m.safetensors", StoredType.F32);
    try (TensorSource file = ModelFolder.of(folder).weights("m")) {
      DeclaredWeights weights = Weights.declared(file);

      assertThat(weights.tensor("a", 3, 2).shape()).isEqualTo(Shape.of(3, 2));
      assertThat(weights.linear("a", 3, 2).shape()).isEqualTo(Shape.of(3, 2));
      Tensor kernel = weights.at("b").convolution("weight", 1, 2, 3);
      assertThat(kernel.shape()).isEqualTo(Shape.of(3, 3, 1, 2));
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(kernel::toFloats)
          .withMessage(
              "declared weights have shapes and no elements: there is no download of them");

      assertThat(weights.faults())
          .extracting(Object::toString)
          .containsExactly(
              ": a has shape [3, 2], expected [2, 3]",
              " has no tensor b.weight (expected with shape [2, 1, 3, 3])");
      assertThat(weights.leftovers()).containsExactly("c");
    }
  }

  @Test
  void aListenerHearsOfEveryTensorThatWasRead() throws IOException {
    write("m.safetensors", StoredType.F32);
    try (TensorSource file = ModelFolder.of(folder).weights("m")) {
      List<Long> sizes = new ArrayList<>();
      Weights weights = Weights.of(Backends.best(1), file, t -> sizes.add(t.byteSize()));
      weights.tensor("a", 3, 2);
      weights.tensor("c", 1);
      assertThat(sizes).containsExactly(24L, 4L);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "m.safetensors|m.fp16.safetensors, , m.safetensors",
    "m.safetensors|m.fp16.safetensors, fp16, m.fp16.safetensors",
    "m.safetensors|m.fp16.safetensors, ema, m.safetensors",
    "m.fp16.safetensors, , m.fp16.safetensors",
    "m.bf16.safetensors, , m.bf16.safetensors",
    "m.fp16.safetensors|m.safetensors.index.json, , m.safetensors.index.json",
    "m.safetensors.index.fp16.json, , m.safetensors.index.fp16.json",
  })
  void variantsStandInForThePlainFile(String files, String preferred, String expected)
      throws IOException {
    for (String name : files.split("\\|")) {
      if (name.endsWith(".json")) {
        write("shard.safetensors", StoredType.F32);
        Files.writeString(folder.resolve(name), "{\"weight_map\": {\"a\": \"shard.safetensors\"}}");
      } else {
        write(name, StoredType.F32);
      }
    }
    try (TensorSource found = ModelFolder.of(folder).weights("m", preferred)) {
      assertThat(found.displayName()).isEqualTo(folder + "/" + expected);
      assertThat(found.tensor("a").floats()).containsExactly(VALUES);
    }
  }

  @Test
  void valuesCanBeMadeWhenTheyAreWritten() throws IOException {
    List<String> made = new ArrayList<>();
    float[] many = new float[100_000];
    many[99_999] = 7;
    SafetensorsWriter writer =
        new SafetensorsWriter()
            .add(
                "big",
                StoredType.F16,
                new long[] {2, 50_000},
                () -> {
                  made.add("big");
                  return many;
                });
    assertThat(made).isEmpty();
    writer.write(folder.resolve("m.safetensors"));
    assertThat(made).containsExactly("big");
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("m.safetensors"))) {
      assertThat(file.readFloats("big")).isEqualTo(many);
    }
  }

  private void write(String name, StoredType type) throws IOException {
    new SafetensorsWriter()
        .add("a", type, new long[] {3, 2}, VALUES)
        .add("c", new long[] {1}, new float[1])
        .write(folder.resolve(name));
  }
}
