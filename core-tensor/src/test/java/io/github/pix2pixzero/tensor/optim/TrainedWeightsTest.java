package io.github.pix2pixzero.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Shape;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.io.RenamedTensors;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.nn.Conv2d;
import io.github.pix2pixzero.tensor.nn.DeclaredWeights;
import io.github.pix2pixzero.tensor.nn.GroupNorm;
import io.github.pix2pixzero.tensor.nn.Initializer;
import io.github.pix2pixzero.tensor.nn.LayerNorm;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.ResnetBlock2D;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.Conv2d.Padding;
import io.github.pix2pixzero.tensor.ops.Embedding;
import io.github.pix2pixzero.tensor.ops.FirConv2d;
import io.github.pix2pixzero.tensor.ops.FirResample;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was trained is the same network when it comes back from a file. */
class TrainedWeightsTest {
  private static final int TOKENS = 5;

  private final Backend backend = new PlainBackend(1);
  @TempDir private Path folder;

  /** One layer of each kind, of which some are square. */
  private static final class Network {
    private final Tensor embedding;
    private final Linear square;
    private final Linear wide;
    private final LayerNorm layerNorm;
    private final Conv2d squareConv;
    private final Conv2d conv;
    private final GroupNorm groupNorm;
    private final Linear pointwise;
    private final ResnetBlock2D block;
    private final Tensor up;

    Network(Weights weights, int width, int kernel) {
      embedding = weights.tensor("embedding.weight", Initializer.normal(1), TOKENS, width);
      square = Linear.load(weights.at("square"), width, width);
      wide = Linear.withoutBias(weights.at("layers").at(0), width, 2 * width);
      layerNorm = LayerNorm.load(weights.at("layer_norm"), 2 * width, 1e-5f);
      Padding padding = Padding.all(kernel / 2);
      squareConv = Conv2d.load(weights.at("square_conv"), 2 * width, 2 * width, kernel, 1, padding);
      conv = Conv2d.load(weights.at("conv"), 2 * width, 3 * width, kernel, 1, padding);
      groupNorm = GroupNorm.load(weights.at("group_norm"), 3 * width, width, 1e-5f);
      pointwise = Linear.pointwise(weights.at("pointwise"), 3 * width, 3 * width);
      block = new ResnetBlock2D(weights.at("block"), 3 * width, width, 0, 1, 1e-5f);
      up = weights.upConvolution("up.weight", width, width + 1, kernel);
    }

    Tensor forward() {
      Tensor x = Embedding.of(embedding, new int[] {0, 3, 1, 1, 4, 2});
      x = layerNorm.forward(wide.forward(square.forward(x)));
      x = conv.forward(squareConv.forward(x.reshape(1, 2, 3, -1)));
      x = block.forward(pointwise.forward(groupNorm.silu(x)));
      return FirConv2d.up(x, up, FirResample.filter(x.backend(), 1, 3, 3, 1));
    }
  }

  private void train(Parameters parameters, Network network, int steps) {
    try (Optimizer adam =
        new Adam(parameters, LearningRate.constant(0.05), Adam.Options.defaults())) {
      for (int i = 0; i < steps; i++) {
        try (Scope step = Scope.open()) {
          Tensor loss = network.forward().add(-0.5f).square().mean();
          adam.step(Autograd.grad(loss, parameters.tensors()));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void comesBackAsItWas(long seed) throws IOException {
    Random random = new Random(seed);
    int width = 1 + random.nextInt(5);
    int kernel = 1 + 2 * random.nextInt(2);
    Parameters parameters = new Parameters(backend, new PhiloxGenerator(seed));
    Network trained = new Network(parameters, width, kernel);
    train(parameters, trained, 3);
    float[] expected = trained.forward().toFloats();
    Path file = folder.resolve("trained.safetensors");
    parameters.save(file);

    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      Weights weights = Weights.of(backend, stored);
      Network loaded = new Network(weights, width, kernel);
      assertThat(weights.leftovers()).isEmpty();
      assertThat(loaded.forward().toFloats()).containsExactly(expected);
    }
    Parameters other = new Parameters(backend, new PhiloxGenerator(seed + 1));
    Network resumed = new Network(other, width, kernel);
    assertThat(resumed.forward().toFloats()).isNotEqualTo(expected);
    other.load(file);
    assertThat(resumed.forward().toFloats()).containsExactly(expected);
  }

  @Test
  void isWrittenWithTheShapesThatWereDeclared() throws IOException {
    DeclaredWeights declared = Weights.declared(RenamedTensors.none());
    new Network(declared, 2, 3);
    assertThat(declared.asked())
        .containsEntry("square.weight", Shape.of(2, 2))
        .containsEntry("layers.0.weight", Shape.of(4, 2))
        .containsEntry("conv.weight", Shape.of(6, 4, 3, 3))
        .containsEntry("up.weight", Shape.of(3, 2, 3, 3))
        .containsEntry("pointwise.weight", Shape.of(6, 6, 1, 1))
        .containsEntry("block.conv_shortcut.weight", Shape.of(2, 6, 1, 1));
    assertThat(declared.faults()).hasSize(declared.asked().size());

    Parameters parameters = new Parameters(backend, new PhiloxGenerator(1));
    new Network(parameters, 2, 3);
    Path file = folder.resolve("m.safetensors");
    parameters.save(file);
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      Map<String, String> shapes = new LinkedHashMap<>();
      for (String name : declared.asked().keySet()) {
        shapes.put(name, Arrays.toString(stored.entry(name).shape()));
      }
      Map<String, String> expected = new LinkedHashMap<>();
      declared.asked().forEach((name, shape) -> expected.put(name, shape.toString()));
      assertThat(shapes).isEqualTo(expected);
      assertThat(stored.names()).isEqualTo(expected.keySet());
      DeclaredWeights complete = Weights.declared(stored);
      new Network(complete, 2, 3);
      assertThat(complete.faults()).isEmpty();
    }
  }

  @Test
  void frozenParametersFollowTheirTrainingWithoutAGraph() {
    Parameters parameters = new Parameters(backend, new PhiloxGenerator(1));
    Network trained = new Network(parameters, 3, 3);
    try (MovingAverage average = new MovingAverage(parameters)) {
      Weights frozen = average.parameters().frozen();
      Network drawing = new Network(frozen, 3, 3);
      assertThat(frozen.leftovers()).isEmpty();
      train(parameters, trained, 2);
      average.update(0);

      Tensor picture = drawing.forward();
      assertThat(picture.isTracked()).isFalse();
      assertThat(picture.toFloats()).containsExactly(trained.forward().toFloats());
      assertThatIllegalArgumentException()
          .isThrownBy(() -> frozen.at("square").linear("weight", 3, 4))
          .withMessage("parameter square.weight is LINEAR[3, 3], expected LINEAR[4, 3]");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> frozen.tensor("absent", 1))
          .withMessage("there is no parameter absent");
    }
  }

  @Test
  void aNameIsGivenOnce() {
    Parameters parameters = new Parameters(backend, new PhiloxGenerator(1));
    Linear.load(parameters.at("a"), 2, 2);
    assertThat(parameters.has("a.weight")).isTrue();
    assertThat(parameters.leftovers()).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Linear.load(parameters.at("a"), 2, 2))
        .withMessage("there is already a parameter a.weight");
  }

  @Test
  void theStartIsThatOfTheLayerOrTheBuilder() {
    Parameters parameters = new Parameters(backend, new PhiloxGenerator(1));
    Weights sevens = parameters.starting(Initializer.constant(7));
    GroupNorm norm = GroupNorm.load(sevens.at("norm"), 2, 1, 1e-5f);
    assertThat(norm.gamma().toFloats()).containsExactly(1, 1);
    assertThat(norm.beta().toFloats()).containsExactly(0, 0);
    Linear linear = Linear.load(sevens.at("linear"), 2, 1);
    assertThat(linear.weight().toFloats()).containsExactly(7, 7);
    assertThat(linear.bias().toFloats()).containsExactly(0);
    Linear usual = Linear.load(parameters.at("usual"), 4, 3);
    for (float element : usual.weight().toFloats()) {
      assertThat(Math.abs(element)).isPositive().isLessThanOrEqualTo(0.5f);
    }
    Tensors.assertClose(
        Tensor.of(backend, usual.weight().toFloats(), 4, 3),
        Linear.load(new Parameters(backend, new PhiloxGenerator(1)), 4, 3).weight(),
        1e-9);
  }
}
