package io.github.pix2pixzero.evaluation.network;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.pix2pixzero.evaluation.Goldens;
import io.github.pix2pixzero.evaluation.measure.Comparison;
import io.github.pix2pixzero.evaluation.network.DinoModel.Positions;
import io.github.pix2pixzero.evaluation.network.SelfSimilarity.Preparation;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.ops.Gather;
import java.io.IOException;
import java.util.Locale;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** DINO, and what is measured with it, against the reference. */
class DinoModelTest {
  private static final String BACKENDS = "io.github.pix2pixzero.tensor.testing.TestBackends#cpu";
  private static final String IO = "dino/io.safetensors";

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void statesKeysAndSimilaritiesAreThoseOfTransformers(Backend backend) throws IOException {
    DinoModel model = Goldens.dino(backend);
    try (Scope scope = Scope.open()) {
      Tensor pixels = Goldens.tensor(IO, "small.pixel_values", backend).toChannelsLast();
      Tensor keys = model.keys(pixels, Positions.TRANSFORMERS);

      assertClose(
          model.forward(pixels, Positions.TRANSFORMERS),
          Goldens.tensor(IO, "small.last_hidden_state", backend),
          2e-5);
      assertClose(keys.slice(1, 1, keys.dim(1)), Goldens.tensor(IO, "small.keys", backend), 2e-5);
      assertClose(keys.slice(1, 0, 1), Goldens.tensor(IO, "small.class_key", backend), 2e-5);
      Tensor similarities = Goldens.tensor(IO, "small.self_similarity", backend);
      for (int i = 0; i < 2; i++) {
        assertClose(
            SelfSimilarity.cosines(keys.slice(0, i, i + 1)).toFloats(),
            similarities.slice(0, i, i + 1).toFloats(),
            5e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void keysOfAPreparedPictureAreThoseOfTheReference(Backend backend) throws IOException {
    DinoModel model = Goldens.dino(backend);
    try (Scope scope = Scope.open()) {
      Tensor pixels =
          new SelfSimilarity(model, Preparation.AUTHORS).prepared(Goldens.pair(0).source());
      Tensor keys = model.keys(pixels, Positions.DINO);

      assertClose(
          keys.slice(1, 1, keys.dim(1)), Goldens.tensor(IO, "picture0.keys", backend), 2e-5);
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void positionsAreStretchedEitherWay(Backend backend) throws IOException {
    DinoModel model = Goldens.dino(backend);
    try (Scope scope = Scope.open()) {
      for (Positions way : Positions.values()) {
        String name = way.name().toLowerCase(Locale.ROOT);

        assertClose(
            model.positions(64, 96, way).toFloats(),
            Goldens.tensor(IO, "positions.64x96." + name, backend).toFloats(),
            5e-6);
        Tensor large = model.positions(224, 373, way);
        int[] rows = IntStream.iterate(0, i -> i < large.dim(1), i -> i + 8).toArray();
        assertClose(
            Gather.of(large, 1, rows).toFloats(),
            Goldens.tensor(IO, "positions.224x373." + name + "_every_8th", backend).toFloats(),
            5e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void structureDistancesAreThoseOfEitherCode(Backend backend) throws IOException {
    DinoModel model = Goldens.dino(backend);
    JsonNode cases = Goldens.json("dino/cases.json");
    for (int i = 0; i < Goldens.PAIRS; i++) {
      assertDistance(model, Preparation.AUTHORS, i, cases.get(i), "authors");
      assertDistance(model, Preparation.PIE_BENCH, i, cases.get(i), "pie_bench_torchvision_0_13");
      assertDistance(
          model, Preparation.PIE_BENCH_ANTIALIASED, i, cases.get(i), "pie_bench_torchvision_0_17");
    }
  }

  private static void assertDistance(
      DinoModel model, Preparation preparation, int pair, JsonNode expected, String name)
      throws IOException {
    Comparison pictures = Goldens.pair(pair);

    assertThat(
            new SelfSimilarity(model, preparation).distance(pictures.source(), pictures.edited()))
        .as("%s of pair %s", name, pair)
        .isCloseTo(Goldens.number(expected, name), Percentage.withPercentage(1e-2));
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void aPictureHasItsOwnStructure(Backend backend) throws IOException {
    SelfSimilarity similarity = new SelfSimilarity(Goldens.dino(backend), Preparation.AUTHORS);

    assertThat(similarity.distance(Goldens.pair(1).source(), Goldens.pair(1).source()))
        .isCloseTo(0, within(1e-12));
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void refusesLessThanAPatch(Backend backend) throws IOException {
    DinoModel model = Goldens.dino(backend);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> model.keys(Tensor.zeros(backend, 1, 7, 9, 3), Positions.DINO))
        .withMessageContaining("[1, 7, 9, 3]")
        .withMessageContaining("at least 8 x 8");
  }
}
