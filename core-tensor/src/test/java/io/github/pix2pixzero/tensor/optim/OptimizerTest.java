package io.github.pix2pixzero.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.MemoryUse;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OptimizerTest {
  private static final LearningRate RATE = LearningRate.cosine(0.05, 0.01, 15).warmUp(3);
  private static final List<Function<Parameters, Optimizer>> ALL =
      List.of(
          p -> new Sgd(p, RATE, Sgd.Options.plain()),
          p -> new Sgd(p, RATE, new Sgd.Options(0.9, 0.1, true)),
          p -> new Adam(p, RATE, Adam.Options.defaults()),
          p -> new AdamW(p, RATE, new Adam.Options(0.5, 0.9, 1e-3, 0.1)));

  @TempDir Path folder;
  private final Backend backend = new PlainBackend(1);

  @Test
  void trainingResumesBitForBit() throws IOException {
    for (Function<Parameters, Optimizer> make : ALL) {
      Training whole = new Training(backend);
      Optimizer optimizer = make.apply(whole.parameters);
      for (int step = 0; step < 20; step++) {
        if (step == 8) {
          whole.parameters.save(folder.resolve("parameters"));
          optimizer.save(folder.resolve("state"));
        }
        whole.step(optimizer);
      }
      Training resumed = new Training(backend);
      Optimizer second = make.apply(resumed.parameters);
      resumed.step(second); // something to overwrite
      resumed.parameters.load(folder.resolve("parameters"));
      second.load(folder.resolve("state"));
      assertThat(second.steps()).isEqualTo(8);
      while (second.steps() < 20) {
        resumed.step(second);
      }
      assertThat(Training.values(resumed.parameters))
          .containsExactly(Training.values(whole.parameters));
    }
  }

  @Test
  void aHundredStepsTakeNoNewMemory() {
    for (Function<Parameters, Optimizer> make : ALL) {
      Backend own = new PlainBackend(1); // what others leave behind is collected at any moment
      Training training = new Training(own);
      try (Optimizer optimizer = make.apply(training.parameters);
          MovingAverage average = new MovingAverage(training.parameters)) {
        MemoryUse first = null;
        for (int step = 0; step < 100; step++) {
          training.step(
              optimizer,
              gradients -> Gradients.clipByValue(1, Gradients.clipByNorm(1e-3, gradients)));
          average.update(0.9);
          first = first == null ? own.memory() : first;
          assertThat(own.memory()).as("step %s", step).isEqualTo(first);
        }
      }
    }
  }

  @Test
  void closingGivesAllMemoryBack() {
    Scope scope = Scope.open();
    Training training = new Training(backend);
    Optimizer adam = new Adam(training.parameters, RATE, Adam.Options.defaults());
    MovingAverage average = new MovingAverage(training.parameters);
    scope.close();
    assertThat(backend.memory().live()).isEqualTo(4 * 9 * Float.BYTES);
    average.close();
    adam.close();
    training.parameters.close();
    assertThat(backend.memory().live()).isZero();
  }

  @Test
  void aGraphEndsWithTheStepThatChangesItsParameters() {
    Training training = new Training(backend);
    Optimizer sgd = new Sgd(training.parameters, RATE, Sgd.Options.plain());
    Tensor[] targets = training.parameters.tensors();
    Tensor loss = targets[0].square().sum().mul(targets[1].square().sum());
    sgd.step(Autograd.grad(loss, targets));
    assertThatIllegalStateException()
        .isThrownBy(() -> Autograd.grad(loss, targets))
        .withMessageContaining("compute the loss anew");
  }

  @Test
  void aChangeOfWhatIsConstantIsRefused() {
    Tensor weight = Tensor.zeros(backend, 3);
    weight.storage().freeze();
    assertThatIllegalStateException().isThrownBy(weight.storage()::markChanged);
  }

  @Test
  void refusesGradientsThatDoNotFit() {
    Training training = new Training(backend);
    float[] before = Training.values(training.parameters);
    Optimizer sgd = new Sgd(training.parameters, RATE, Sgd.Options.plain());
    Tensor[] gradients = Autograd.grad(training.loss(), training.parameters.tensors());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sgd.step(gradients[0]))
        .withMessage("got 1 gradients for 2 parameters");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sgd.step(gradients[0], gradients[0]))
        .withMessage("the gradient of w has shape [3], expected [2, 3]");
    assertThat(Training.values(training.parameters)).containsExactly(before);
    assertThat(sgd.steps()).isZero();
  }

  @Test
  void refusesOptionsOutOfRange() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Sgd.Options(1, 0, false));
    assertThatIllegalArgumentException().isThrownBy(() -> new Sgd.Options(0, -1, false));
    assertThatIllegalArgumentException().isThrownBy(() -> new Sgd.Options(0, 0, true));
    assertThatIllegalArgumentException().isThrownBy(() -> new Adam.Options(1, 0, 0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Adam.Options(0, 1, 0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Adam.Options(0, 0, -1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new Adam.Options(0, 0, 0, Double.NaN));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Adam(
                    new Parameters(backend, new PhiloxGenerator(0)), RATE, Adam.Options.defaults()))
        .withMessageContaining("no parameters");
  }

  @Test
  void refusesToScaleWhatIsNotFinite() {
    Tensor bad = Tensor.of(backend, new float[] {1, Float.NaN}, 2);
    assertThatExceptionOfType(ArithmeticException.class)
        .isThrownBy(() -> Gradients.clipByNorm(1, bad))
        .withMessageContaining("NaN");
    assertThat(Gradients.clipByValue(1, Tensor.of(backend, new float[] {Float.NaN}, 1))[0].item())
        .isNaN();
  }

  @Test
  void refusesFilesOfSomethingElse() throws IOException {
    Training training = new Training(backend);
    float[] before = Training.values(training.parameters);
    Path state = folder.resolve("state");
    new Adam(training.parameters, RATE, Adam.Options.defaults()).save(state);
    Optimizer other = new AdamW(training.parameters, RATE, Adam.Options.defaults());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.load(state))
        .withMessageContaining("should hold the state of AdamW, but holds that of Adam");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> training.parameters.load(state))
        .withMessageContaining("should hold the tensors [b, w], but holds [b.mean, b.square");
    Parameters wide = new Parameters(backend, new PhiloxGenerator(0));
    wide.add("w", new float[6], 3, 2);
    wide.add("b", new float[3], 3);
    wide.save(folder.resolve("wide"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> training.parameters.load(folder.resolve("wide")))
        .withMessageContaining("w has shape [3, 2], expected [2, 3]");
    assertThat(Training.values(training.parameters)).containsExactly(before);
  }

  @Test
  void namesAreWalkedDown() throws IOException {
    Parameters all = new Parameters(backend, new PhiloxGenerator(0));
    Parameters layer = all.at("mapping").at(1);
    Tensor weight = layer.add("weight", new float[] {1, 2}, 2);
    all.add("const", new float[] {3}, 1);
    assertThat(weight.isTracked()).isTrue();
    assertThat(all.get("mapping.1.weight")).isSameAs(weight).isSameAs(layer.get("weight"));
    assertThat(all.all()).extracting(Parameter::name).containsExactly("const", "mapping.1.weight");
    assertThat(layer.tensors()).containsExactly(weight);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer.add("weight", new float[1], 1))
        .withMessage("there is already a parameter mapping.1.weight");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layer.get("bias"))
        .withMessage("there is no parameter mapping.1.bias");
    layer.save(folder.resolve("layer"));
    all.at("mapping").load(folder.resolve("layer"));
    assertThat(weight.toFloats()).containsExactly(1, 2);
  }
}
