package io.github.pix2pixzero.caption.blip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.ModelFolder;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.io.SafetensorsWriter;
import io.github.pix2pixzero.tensor.testing.TestBackends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the reference vectors that transformers made; see README.md. */
class BlipModelTest {
  private static final String BACKENDS = "io.github.pix2pixzero.tensor.testing.TestBackends#cpu";

  @TempDir private static Path temporary;

  record Options(
      Integer num_beams,
      int min_length,
      Integer max_length,
      Double length_penalty,
      boolean early_stopping) {
    SearchOptions search() {
      return new SearchOptions(
          num_beams == null ? 1 : num_beams,
          min_length,
          max_length == null ? OptionalInt.empty() : OptionalInt.of(max_length),
          length_penalty == null ? 1 : length_penalty,
          early_stopping);
    }
  }

  record Row(String picture, int[] ids, String text_cleaned, Float score) {}

  record Case(String prompt, int[] prompt_ids, Options options, List<Row> rows) {}

  static Stream<Arguments> models() {
    return TestBackends.cpu()
        .flatMap(
            backend -> Stream.of("model", "model-untied").map(name -> Arguments.of(backend, name)));
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void visionIsThatOfTransformers(Backend backend) throws IOException {
    BlipModel model = load("model", backend);
    try (Scope scope = Scope.open()) {
      Tensor seen = model.vision().forward(Goldens.vector("model", "pixel_values", backend));

      assertWithin(seen, Goldens.vector("model", "vision", backend), 2e-5);
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void picturesOfAnotherSizeStretchThePositions(Backend backend) throws IOException {
    BlipModel model = load("model", backend);
    try (Scope scope = Scope.open()) {
      Tensor pixels = Goldens.vector("model", "interpolated.pixel_values", backend);

      Tensor expected = Goldens.vector("model", "interpolated.vision", backend);
      assertWithin(model.vision().forward(pixels), expected, 2e-5);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void logitsAreThoseOfTransformers(Backend backend, String name) throws IOException {
    BlipTextDecoder decoder = load(name, backend).decoder();
    int[][] ids = Goldens.ids("model");
    try (Scope scope = Scope.open()) {
      Tensor vision = Goldens.vector("model", "vision", backend);
      Tensor text = Goldens.vector("model", "text", backend);
      Tensor logits = Goldens.vector(name, "logits", backend);
      for (int i = 0; i < ids.length; i++) {
        Tensor hidden =
            decoder.forward(new int[][] {ids[i]}, decoder.look(vision.slice(0, i, i + 1), scope));

        assertWithin(hidden, text.slice(0, i, i + 1), 2e-4);
        assertWithin(decoder.logits(hidden), logits.slice(0, i, i + 1), 2e-4);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void tokensOneByOneGiveWhatTheyGiveTogether(Backend backend) throws IOException {
    BlipTextDecoder decoder = load("model", backend).decoder();
    int[] ids = Goldens.ids("model")[3];
    try (Scope scope = Scope.open()) {
      Tensor picture = Goldens.vector("model", "vision", backend).slice(0, 3, 4);
      float[] expected =
          Goldens.vector("model", "logits", backend).slice(0, 3, 4).slice(1, 6, 7).toFloats();
      try (Continuations continuations = new Continuations(decoder, picture)) {
        continuations.begin(new int[] {ids[0], ids[1]});
        // Two sentences that differ, of which the second goes on twice.
        continuations.next(new int[] {0, 0}, new int[] {ids[2] + 1, ids[2]});
        float[][] rows = null;
        for (int i = 3; i < ids.length; i++) {
          int parent = i == 3 ? 1 : 0;
          rows = continuations.next(new int[] {parent, 1}, new int[] {ids[i], ids[i]});
        }

        for (float[] row : rows) {
          assertWithin(row, expected, 2e-4);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void sentencesAreThoseOfTransformers(Backend backend, String name) throws IOException {
    Tensor pixels = Goldens.vector("model", "pixel_values", backend);
    assertSentences(load(name, backend), name, pixels);
  }

  static void assertSentences(BlipModel model, String name, Tensor pixels) {
    List<Case> cases = Goldens.json(name + "/cases.json", new TypeReference<>() {});
    assertThat(cases).isNotEmpty();
    for (Case c : cases) {
      int[] prompt = {model.decoder().config().beginId()};
      if (c.prompt_ids() != null) {
        prompt = IntStream.of(c.prompt_ids()).limit(c.prompt_ids().length - 1L).toArray();
        prompt[0] = model.decoder().config().beginId();
      }
      for (Row row : c.rows()) {
        int at = Goldens.PICTURES.indexOf(row.picture());
        SentenceSearch.Sentence sentence =
            model.sentence(pixels.slice(0, at, at + 1), prompt, c.options().search());

        assertThat(sentence.ids())
            .as("%s, %s, %s", c.prompt(), c.options(), row.picture())
            .containsExactly(row.ids());
        if (row.score() != null) {
          assertThat(sentence.score()).isEqualTo(row.score(), within(1e-4f));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void refusesWhatDoesNotFit(Backend backend) throws IOException {
    BlipModel model = load("model", backend);
    Tensor pixels = Goldens.vector("model", "pixel_values", backend).slice(0, 0, 1);
    int begin = model.decoder().config().beginId();
    SearchOptions two = new SearchOptions(1, 0, OptionalInt.of(2), 1, false);

    assertThatThrownBy(() -> model.generate(pixels, new int[] {begin, 5}, two))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 2 tokens, with a prompt of 2");
    assertThatThrownBy(() -> model.generate(pixels, new int[] {726}, SearchOptions.PUBLISHED))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("726");
    assertThatThrownBy(() -> model.vision().forward(pixels.slice(2, 0, 15)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("of at least 16 x 16");
  }

  /** The untied model shares all but its head with the other one. */
  static BlipModel load(String name, Backend backend) throws IOException {
    ModelFolder folder = Goldens.folder(name);
    if (name.equals("model-untied")) {
      folder = ModelFolder.of(temporary);
      SafetensorsWriter writer = new SafetensorsWriter();
      try (SafetensorsFile head = Goldens.folder(name).safetensors("head.safetensors");
          SafetensorsFile rest = Goldens.folder("model").safetensors("model.safetensors")) {
        for (String tensor : head.names()) {
          writer.addBytes(
              tensor,
              head.entry(tensor).type(),
              head.entry(tensor).shape(),
              head.readBytes(tensor));
        }
        for (String tensor : rest.names()) {
          if (!head.contains(tensor)) {
            writer.add(tensor, rest.entry(tensor).shape(), rest.readFloats(tensor));
          }
        }
      }
      writer.write(temporary.resolve("model.safetensors"));
      Files.write(
          temporary.resolve("config.json"),
          Goldens.folder(name).open("config.json").readAllBytes());
    }
    return BlipModel.load(folder, backend);
  }

  static void assertWithin(Tensor actual, Tensor expected, double tolerance) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertWithin(actual.toFloats(), expected.toFloats(), tolerance);
  }

  /** The goldens' tolerances are absolute. */
  static void assertWithin(float[] actual, float[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance)) {
        throw new AssertionError(
            "element %s is %s, expected %s".formatted(i, actual[i], expected[i]));
      }
    }
  }
}
