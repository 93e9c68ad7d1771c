package io.github.pix2pixzero.clip;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.testing.TestBackends;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the reference vectors in {@code goldens}, made by transformers. */
class ClipTextModelTest {
  /** Relative to the largest value of a tensor. */
  private static final double TOLERANCE = 1e-4;

  private static final String BACKENDS = "io.github.pix2pixzero.tensor.testing.TestBackends#cpu";

  private static final int TOKENS = 77;

  /** Quick-GELU as in Stable Diffusion 1.x, GELU as in 2.x. */
  static Stream<Arguments> flavours() {
    return TestBackends.cpu()
        .flatMap(
            backend ->
                Stream.of("clip-text-sd1", "clip-text-sd2")
                    .map(flavour -> Arguments.of(backend, flavour)));
  }

  @ParameterizedTest
  @MethodSource("flavours")
  void lastHiddenStateIsThatOfTransformers(Backend backend, String flavour) throws IOException {
    ModelFolder folder = folder(flavour);
    ClipTextModel model = ClipTextModel.load(folder, backend);
    try (Scope scope = Scope.open()) {
      Tensor actual = model.forward(ids(folder));

      assertAgrees(actual, golden(folder, backend, "last_hidden_state"));
    }
  }

  @ParameterizedTest
  @MethodSource("flavours")
  void hiddenStateBeforeTheLastLayerIsThatOfTransformers(Backend backend, String flavour)
      throws IOException {
    ModelFolder folder = folder(flavour);
    ClipTextModel model = ClipTextModel.load(folder, backend);
    try (Scope scope = Scope.open()) {
      Tensor actual = model.hiddenState(ids(folder), 2);

      assertAgrees(actual, golden(folder, backend, "hidden_state_minus_2"));
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void sequencesOfABatchStandAlone(Backend backend) throws IOException {
    ModelFolder folder = folder("clip-text-sd1");
    ClipTextModel model = ClipTextModel.load(folder, backend);
    try (Scope scope = Scope.open()) {
      Tensor actual = model.forward(new int[][] {ids(folder)[2]});

      assertAgrees(actual, golden(folder, backend, "last_hidden_state").slice(0, 2, 3));
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void tokensSeeOnlyWhatCameBefore(Backend backend) throws IOException {
    ModelFolder folder = folder("clip-text-sd1");
    ClipTextModel model = ClipTextModel.load(folder, backend);
    int[][] beginning =
        Arrays.stream(ids(folder)).map(row -> Arrays.copyOf(row, 10)).toArray(int[][]::new);
    try (Scope scope = Scope.open()) {
      Tensor actual = model.forward(beginning);

      assertAgrees(actual, golden(folder, backend, "last_hidden_state").slice(1, 0, 10));
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void countsHiddenStatesFromTheEnd(Backend backend) throws IOException {
    ModelFolder folder = folder("clip-text-sd1");
    ClipTextModel model = ClipTextModel.load(folder, backend);
    int[][] ids = ids(folder);
    try (SafetensorsFile file = folder.safetensors("model.safetensors");
        Scope scope = Scope.open()) {
      float[] tokens = file.readFloats("embeddings.token_embedding.weight");
      float[] positions = file.readFloats("embeddings.position_embedding.weight");
      int width = model.config().hiddenSize();
      float[] embeddings = new float[ids.length * TOKENS * width];
      for (int i = 0; i < embeddings.length; i++) {
        int row = i / width;
        int token = ids[row / TOKENS][row % TOKENS];
        embeddings[i] =
            tokens[token * width + i % width] + positions[row % TOKENS * width + i % width];
      }

      assertThat(model.hiddenState(ids, 4).toFloats()).isEqualTo(embeddings);
      for (int fromEnd : new int[] {0, 5}) {
        assertThatThrownBy(() -> model.hiddenState(ids, fromEnd))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("fromEnd is " + fromEnd)
            .hasMessageContaining("1 to 4");
      }
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void readsTheNamesOfOlderTransformers(Backend backend, @TempDir Path older) throws IOException {
    ModelFolder folder = folder("clip-text-sd2");
    SafetensorsWriter writer = new SafetensorsWriter();
    try (SafetensorsFile file = folder.safetensors("model.safetensors")) {
      for (String name : file.names()) {
        writer.add("text_model." + name, file.entry(name).shape(), file.readFloats(name));
      }
    }
    writer.addLongs(
        "text_model.embeddings.position_ids",
        new long[] {1, TOKENS},
        LongStream.range(0, TOKENS).toArray());
    writer.write(older.resolve("model.safetensors"));
    Files.write(older.resolve("config.json"), folder.open("config.json").readAllBytes());

    ClipTextModel model = ClipTextModel.load(ModelFolder.of(older), backend);

    try (Scope scope = Scope.open()) {
      assertAgrees(model.forward(ids(folder)), golden(folder, backend, "last_hidden_state"));
    }
  }

  /** How checkpoints ask for an earlier hidden state: their config leaves the last layers out. */
  @ParameterizedTest
  @MethodSource(BACKENDS)
  void aConfigMayLeaveTheLastLayersOut(Backend backend, @TempDir Path fewer) throws IOException {
    ModelFolder folder = folder("clip-text-sd2");
    Files.write(
        fewer.resolve("model.safetensors"), folder.open("model.safetensors").readAllBytes());
    String config =
        new String(folder.open("config.json").readAllBytes(), StandardCharsets.UTF_8)
            .replace("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 2");
    Files.writeString(fewer.resolve("config.json"), config);
    ClipTextModel[] model = new ClipTextModel[1];

    String log =
        TestTokenizers.logOf(
            () -> {
              try {
                model[0] = ClipTextModel.load(ModelFolder.of(fewer), backend);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });

    assertThat(log).isEmpty();
    try (SafetensorsFile file = folder.safetensors("model.safetensors");
        Scope scope = Scope.open()) {
      LayerNorm last = LayerNorm.load(Weights.of(backend, file).at("final_layer_norm"), 64, 1e-5f);
      Tensor expected = last.forward(golden(folder, backend, "hidden_state_minus_2"));
      assertAgrees(model[0].forward(ids(folder)), expected);
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void refusesIdsThatMakeNoBatch(Backend backend) throws IOException {
    ClipTextModel model = ClipTextModel.load(folder("clip-text-sd1"), backend);

    assertRefused(model, new int[0][], "no sequences");
    assertRefused(model, new int[][] {{}}, "0 token ids");
    assertRefused(model, new int[][] {new int[78]}, "78 token ids, expected 1 to 77");
    assertRefused(model, new int[][] {{1, 2}, {1}}, "2 and of 1 token ids");
    assertRefused(model, new int[][] {{1, 876}}, "token id 876 is not in the vocabulary of 876");
    assertRefused(model, new int[][] {{-1}}, "token id -1");
  }

  private static void assertRefused(ClipTextModel model, int[][] ids, String message) {
    assertThatThrownBy(() -> model.forward(ids))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static void assertAgrees(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertClose(actual.toFloats(), expected.toFloats(), TOLERANCE);
  }

  private static ModelFolder folder(String flavour) {
    return ModelFolder.ofResources(ClipTextModelTest.class, "goldens/" + flavour);
  }

  private static int[][] ids(ModelFolder folder) throws IOException {
    try (SafetensorsFile io = folder.safetensors("io.safetensors")) {
      int[] flat = Arrays.stream(io.readLongs("ids")).mapToInt(Math::toIntExact).toArray();
      return IntStream.range(0, flat.length / TOKENS)
          .mapToObj(row -> Arrays.copyOfRange(flat, row * TOKENS, (row + 1) * TOKENS))
          .toArray(int[][]::new);
    }
  }

  private static Tensor golden(ModelFolder folder, Backend backend, String name)
      throws IOException {
    try (SafetensorsFile io = folder.safetensors("io.safetensors")) {
      int[] shape = Arrays.stream(io.entry(name).shape()).mapToInt(Math::toIntExact).toArray();
      return Tensor.of(backend, io.readFloats(name), shape);
    }
  }
}
