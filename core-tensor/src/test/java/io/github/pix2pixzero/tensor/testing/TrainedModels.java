package io.github.pix2pixzero.tensor.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.nn.DeclaredWeights;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.optim.Adam;
import io.github.pix2pixzero.tensor.optim.LearningRate;
import io.github.pix2pixzero.tensor.optim.Optimizer;
import io.github.pix2pixzero.tensor.optim.Parameters;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;

/** Models are built from trainable, stored and declared weights alike. */
public final class TrainedModels {
  private TrainedModels() {}

  /**
   * Trains a model from nothing for two steps, in which its loss must fall, saves it, loads it as
   * stored, and expects the same output bit by bit.
   *
   * @param folder for the file
   * @param build makes the model
   * @param forward the output, which all weights have a share in
   */
  public static <M> void assertComesBack(
      Path folder, Backend backend, Function<Weights, M> build, Function<M, Tensor> forward)
      throws IOException {
    Path file = folder.resolve("trained.safetensors");
    float[] expected;
    try (Parameters parameters = new Parameters(backend, new PhiloxGenerator(1))) {
      M model = build.apply(parameters);
      float before = loss(forward.apply(model)).item();
      train(parameters, () -> loss(forward.apply(model)));
      assertThat(loss(forward.apply(model)).item()).isLessThan(before);
      expected = forward.apply(model).toFloats();
      parameters.save(file);
    }
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      DeclaredWeights declared = Weights.declared(stored);
      assertThat(build.apply(declared)).isNotNull();
      assertThat(declared.faults()).isEmpty();
      Weights weights = Weights.of(backend, stored);
      M model = build.apply(weights);
      assertThat(weights.leftovers()).isEmpty();
      assertThat(forward.apply(model).toFloats()).containsExactly(expected);
    }
  }

  private static void train(Parameters parameters, Supplier<Tensor> loss) {
    try (Optimizer adam =
        new Adam(parameters, LearningRate.constant(1e-3), Adam.Options.defaults())) {
      for (int i = 0; i < 2; i++) {
        try (Scope step = Scope.open()) {
          adam.step(Autograd.grad(loss.get(), parameters.tensors()));
        }
      }
    }
  }

  private static Tensor loss(Tensor output) {
    return output.add(-1f).square().mean();
  }
}
