package io.github.pix2pixzero.evaluation.network;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ListMultimap;
import io.github.pix2pixzero.evaluation.Goldens;
import io.github.pix2pixzero.evaluation.MeasureList;
import io.github.pix2pixzero.evaluation.measure.Comparison;
import io.github.pix2pixzero.evaluation.measure.Convention;
import io.github.pix2pixzero.evaluation.measure.Measure;
import io.github.pix2pixzero.evaluation.network.Lpips.Normalization;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.ops.Gather;
import io.github.pix2pixzero.tensor.testing.TestBackends;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against lpips and torchmetrics. */
class LpipsTest {

  static Stream<Arguments> networks() {
    return TestBackends.cpu()
        .flatMap(
            backend -> Stream.of("alex", "vgg", "squeeze").map(net -> Arguments.of(backend, net)));
  }

  /** In bands as narrow as can be, and whole. */
  static Stream<Arguments> bands() {
    return networks()
        .flatMap(
            network ->
                IntStream.of(1, Integer.MAX_VALUE)
                    .mapToObj(
                        elements -> Arguments.of(network.get()[0], network.get()[1], elements)));
  }

  @ParameterizedTest
  @MethodSource("bands")
  void featuresAreThoseOfTorchvision(Backend backend, String net, int elements) throws IOException {
    Lpips lpips = Goldens.lpips(net, backend);
    String io = "lpips/" + net + "/io.safetensors";
    BufferedImage source = Goldens.pair(1).source();
    try (Scope scope = Scope.open()) {
      ListMultimap<Integer, Tensor> seen = ArrayListMultimap.create();
      lpips
          .backbone()
          .features(
              lpips.pixels(source, source, null),
              elements,
              (place, features) -> seen.put(place, scope.adopt(features.mul(1f))));

      assertThat(lpips.backbone().kind().title()).isEqualTo(net);
      assertThat(seen.get(0).size() > 1).isEqualTo(net.equals("vgg") && elements == 1);
      for (int place : seen.keySet()) {
        Tensor features = Tensor.concat(1, seen.get(place).toArray(Tensor[]::new));
        Tensor first = features.slice(0, 0, 1).toChannelsFirst();
        assertClose(
            everyThird(everyThird(first, 2), 3),
            Goldens.tensor(io, "1.features" + place + "_every_3rd", backend),
            1e-4);
      }
    }
  }

  private static Tensor everyThird(Tensor x, int axis) {
    return Gather.of(x, axis, IntStream.iterate(0, i -> i < x.dim(axis), i -> i + 3).toArray());
  }

  @ParameterizedTest
  @MethodSource("networks")
  void distancesAreThoseOfEitherLibrary(Backend backend, String net) throws IOException {
    Lpips lpips = Goldens.lpips(net, backend);
    JsonNode cases = Goldens.json("lpips/cases.json").get(net);
    for (int i = 0; i < Goldens.PAIRS; i++) {
      JsonNode expected = cases.get(i);
      Comparison pair = Goldens.pair(i);
      boolean[] outside = pair.region().orElseThrow().outside();

      assertDistance(lpips, pair, null, Normalization.LPIPS, expected, "distance", 1e-5);
      assertDistance(
          lpips, pair, null, Normalization.TORCHMETRICS, expected, "distance_torchmetrics", 1e-5);
      assertDistance(lpips, pair, outside, Normalization.LPIPS, expected, "background", 2e-4);
      assertDistance(
          lpips,
          pair,
          outside,
          Normalization.TORCHMETRICS,
          expected,
          "background_torchmetrics",
          2e-4);
    }
  }

  /**
   * The background's is small, and so the difference of features that are nearly equal: float32
   * leaves fewer digits of it.
   */
  private static void assertDistance(
      Lpips lpips,
      Comparison pair,
      boolean[] keep,
      Normalization normalization,
      JsonNode expected,
      String name,
      double tolerance) {
    assertThat(lpips.distance(pair.source(), pair.edited(), keep, normalization))
        .as(name)
        .isCloseTo(Goldens.number(expected, name), Percentage.withPercentage(100 * tolerance));
  }

  @Test
  void filesOfPyTorchAreReadToo() throws IOException {
    Path squeeze = Goldens.FOLDER.resolve("lpips/squeeze");
    Measure measure =
        new MeasureList(Backends.named("plain", 1), Convention.AUTHORS)
            .withLpips(squeeze.resolve("backbone.pth"), squeeze.resolve("lin.pth")).build().stream()
                .filter(any -> any.title().equals("lpips"))
                .findFirst()
                .orElseThrow();

    double expected =
        Goldens.number(Goldens.json("lpips/cases.json").get("squeeze").get(1), "distance");
    assertThat(measure.of(Goldens.pair(1)).orElseThrow())
        .isCloseTo(expected, Percentage.withPercentage(1e-3));
  }

  @Test
  void refusesPicturesThatCannotBeCompared() throws IOException {
    Lpips lpips = Goldens.lpips("squeeze", Backends.named("plain", 1));

    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                lpips.distance(
                    Goldens.pair(0).source(), Goldens.pair(1).source(), null, Normalization.LPIPS))
        .withMessage("pictures of different sizes: 320 x 320 and 67 x 65");
  }
}
