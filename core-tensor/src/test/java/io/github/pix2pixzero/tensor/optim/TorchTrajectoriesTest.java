package io.github.pix2pixzero.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.io.Resources;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.testing.Tensors;
import io.github.pix2pixzero.tensor.testing.TestBackends;
import java.io.IOException;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Twenty steps of each optimiser against what PyTorch computed. */
class TorchTrajectoriesTest {
  private static final double TOLERANCE = 2e-6;
  private static final LearningRate RATE = LearningRate.constant(0.05);

  static Stream<Backend> backends() {
    return TestBackends.cpu();
  }

  private static JsonNode reference(String name) throws IOException {
    JsonNode all =
        new ObjectMapper()
            .readTree(
                Resources.toByteArray(
                    Resources.getResource(TorchTrajectoriesTest.class, "torch-trajectories.json")));
    assertThat(all.get(name)).as(name).isNotNull();
    return all.get(name);
  }

  private static float[] floats(JsonNode node) {
    float[] values = new float[node.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = node.get(i).floatValue();
    }
    return values;
  }

  private static void check(Backend backend, String name, Function<Parameters, Optimizer> make)
      throws IOException {
    Training training = new Training(backend);
    JsonNode trajectory = reference(name).get("trajectory");
    assertThat(trajectory).hasSize(20);
    Optimizer optimizer = make.apply(training.parameters);
    for (JsonNode expected : trajectory) {
      training.step(optimizer);
      Tensors.assertClose(Training.values(training.parameters), floats(expected), TOLERANCE);
    }
    assertThat(optimizer.steps()).isEqualTo(20);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void sgd(Backend backend) throws IOException {
    check(backend, "sgd", p -> new Sgd(p, RATE, Sgd.Options.plain()));
    check(backend, "sgd decay", p -> new Sgd(p, RATE, new Sgd.Options(0, 0.1, false)));
    check(backend, "sgd momentum", p -> new Sgd(p, RATE, new Sgd.Options(0.9, 0, false)));
    check(backend, "sgd momentum decay", p -> new Sgd(p, RATE, new Sgd.Options(0.9, 0.1, false)));
    check(backend, "sgd nesterov decay", p -> new Sgd(p, RATE, new Sgd.Options(0.8, 0.1, true)));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void adam(Backend backend) throws IOException {
    check(backend, "adam", p -> new Adam(p, RATE, Adam.Options.defaults()));
    check(backend, "adam gan", p -> new Adam(p, RATE, new Adam.Options(0, 0.99, 1e-8, 0)));
    check(
        backend,
        "adam epsilon decay",
        p -> new Adam(p, RATE, new Adam.Options(0.5, 0.9, 0.1, 0.2)));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void adamW(Backend backend) throws IOException {
    check(backend, "adamw", p -> new AdamW(p, RATE, new Adam.Options(0.9, 0.999, 1e-8, 0.01)));
    check(backend, "adamw decay", p -> new AdamW(p, RATE, new Adam.Options(0.8, 0.95, 1e-8, 0.5)));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void schedules(Backend backend) throws IOException {
    check(backend, "warm-up", p -> new Sgd(p, RATE.warmUp(7), Sgd.Options.plain()));
    LearningRate cosine = LearningRate.cosine(0.05, 0.01, 15);
    check(backend, "cosine", p -> new Adam(p, cosine, Adam.Options.defaults()));
    JsonNode rates = reference("cosine").get("rates");
    for (int step = 0; step < 20; step++) {
      assertThat(cosine.at(step)).isCloseTo(rates.get(step).doubleValue(), within(1e-12));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void clipping(Backend backend) throws IOException {
    Training training = new Training(backend);
    Optimizer sgd = new Sgd(training.parameters, RATE, new Sgd.Options(0.9, 0, false));
    JsonNode reference = reference("clip norm");
    for (int step = 0; step < 20; step++) {
      double norm = Gradients.norm(Autograd.grad(training.loss(), training.parameters.tensors()));
      double expected = reference.get("norms").get(step).doubleValue();
      assertThat(norm).isCloseTo(expected, within(1e-6 * expected));
      training.step(sgd, gradients -> Gradients.clipByNorm(0.5, gradients));
      float[] values = floats(reference.get("trajectory").get(step));
      Tensors.assertClose(Training.values(training.parameters), values, TOLERANCE);
    }
    training = new Training(backend);
    sgd = new Sgd(training.parameters, RATE, new Sgd.Options(0.9, 0, false));
    for (JsonNode expected : reference("clip value").get("trajectory")) {
      training.step(sgd, gradients -> Gradients.clipByValue(0.25, gradients));
      Tensors.assertClose(Training.values(training.parameters), floats(expected), TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void movingAverage(Backend backend) throws IOException {
    Training training = new Training(backend);
    Optimizer sgd = new Sgd(training.parameters, RATE, Sgd.Options.plain());
    try (MovingAverage average = new MovingAverage(training.parameters)) {
      int step = 0;
      for (JsonNode expected : reference("average").get("averages")) {
        training.step(sgd);
        average.update(MovingAverage.decay(32, 32L * step++, 200, 0.6));
        Tensors.assertClose(Training.values(average.parameters()), floats(expected), TOLERANCE);
      }
      assertThat(step).isEqualTo(20);
    }
  }
}
