package io.github.pix2pixzero.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.pix2pixzero.distill.Goldens.Vectors;
import io.github.pix2pixzero.distill.Student.Answer;
import io.github.pix2pixzero.distill.TrainingSteps.Batch;
import io.github.pix2pixzero.distill.TrainingSteps.Part;
import io.github.pix2pixzero.distill.TrainingSteps.StudentLosses;
import io.github.pix2pixzero.distill.TrainingSteps.Trained;
import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.optim.Adam;
import io.github.pix2pixzero.tensor.optim.LearningRate;
import io.github.pix2pixzero.tensor.optim.MovingAverage;
import io.github.pix2pixzero.tensor.optim.Optimizer;
import io.github.pix2pixzero.tensor.optim.Parameters;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses, their gradients, and whole steps. */
class TrainingGoldensTest {
  private static final String BACKENDS = "io.github.pix2pixzero.tensor.testing.TestBackends#cpu";
  private static final double RATE = 0.002;
  private static final double TRAJECTORY_EPSILON = 1e-3;
  private static final double RELATIVE = 1e-5;
  private static final LossWeights WEIGHTS = new LossWeights(10, 0, 0, 1, 2, 16);

  /** Both networks as the files have them. */
  private static final class Setting {
    final Parameters studentParameters;
    final Parameters criticParameters;
    final ComodStudent student;
    final Discriminator discriminator;
    final Vectors io;
    final Tensor source;
    final Tensor target;

    Setting(Backend backend) throws IOException {
      studentParameters = Goldens.parameters(backend);
      student = new ComodStudent(studentParameters, Goldens.config(Head.BLEND));
      studentParameters.load(Goldens.path("generator-blend.safetensors"));
      criticParameters = Goldens.parameters(backend);
      discriminator = new Discriminator(criticParameters, 16, List.of(10, 8, 6), Goldens.GROUP);
      criticParameters.load(Goldens.path("discriminator.safetensors"));
      io = new Vectors(backend, "io.safetensors");
      source = io.picture("source");
      target = io.picture("target");
    }

    Answer answer() {
      Tensor w = student.style(io.tensor("z"));
      return student.answer(source, io.chance(student.styles(w), Goldens.BATCH, true));
    }

    Optimizer criticAdam(double epsilon) {
      double ratio = WEIGHTS.lazyRatio();
      return new Adam(
          criticParameters,
          LearningRate.constant(RATE * ratio),
          new Adam.Options(0, Math.pow(0.99, ratio), epsilon, 0));
    }
  }

  private static double scalar(String name) throws IOException {
    return Goldens.cases().get("scalars").get(name).doubleValue();
  }

  private static void assertScalar(Tensor actual, String name) throws IOException {
    double expected = scalar(name);
    assertThat((double) actual.item()).as(name).isEqualTo(expected, within(RELATIVE * expected));
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void theStudentsLossAndGradients(Backend backend) throws IOException {
    Setting setting = new Setting(backend);
    Answer answer = setting.answer();
    Tensor gan = Losses.generator(setting.discriminator.scores(answer.picture(), setting.source));
    Tensor l1 = Losses.l1(answer.picture(), setting.target);
    Tensor loss = gan.add(l1.mul(10f));
    assertScalar(gan, "gGan");
    assertScalar(l1, "gL1");
    assertScalar(loss, "gLoss");
    Tensor[] gradients = Autograd.grad(loss, setting.studentParameters.tensors());
    setting.io.assertGradients("g.grad.", setting.studentParameters, gradients);
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void theDiscriminatorsLossAndGradients(Backend backend) throws IOException {
    Setting setting = new Setting(backend);
    Tensor fake = setting.answer().picture().detached();
    Tensor loss =
        Losses.discriminator(
            setting.discriminator.scores(fake, setting.source),
            setting.discriminator.scores(setting.target, setting.source));
    assertScalar(loss, "dLoss");
    Tensor[] gradients = Autograd.grad(loss, setting.criticParameters.tensors());
    setting.io.assertGradients("d.grad.", setting.criticParameters, gradients);
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void thePenaltyAndItsSecondDerivatives(Backend backend) throws IOException {
    Setting setting = new Setting(backend);
    Tensor penalty = Losses.r1(setting.discriminator, setting.target, setting.source);
    setting.io.assertOutput(penalty, "r1.penalty");
    Tensor loss = penalty.mean().mul(16f);
    assertScalar(loss, "r1Loss");
    Tensor[] gradients = Autograd.gradOrZeros(loss, setting.criticParameters.tensors());
    setting.io.assertGradients("r1.grad.", setting.criticParameters, gradients);

    Tensor target = setting.target.variable();
    Tensor source = setting.source.variable();
    Tensor[] slopes =
        Autograd.grad(setting.discriminator.scores(target, source).sum(), target, source);
    setting.io.assertOutput(slopes[0], "r1.grad-target");
    setting.io.assertOutput(slopes[1], "r1.grad-source");
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void pathLengthsAndTheirSecondDerivatives(Backend backend) throws IOException {
    Setting setting = new Setting(backend);
    int half = Goldens.BATCH / 2;
    Tensor w = setting.student.style(setting.io.tensor("z").slice(0, 0, half));
    List<Tensor> styles = Stream.generate(() -> w.mul(1f)).limit(6).toList(); // one a layer
    Tensor picture =
        setting
            .student
            .answer(setting.source.slice(0, 0, half), setting.io.chance(styles, half, true))
            .picture();
    Tensor lengths = Losses.pathLengths(styles, picture, setting.io.picture("path.noise"));
    setting.io.assertOutput(lengths, "path.lengths");
    float mean = (float) scalar("pathMean");
    assertThat(0.01 * lengths.mean().item()).isEqualTo(mean, within(RELATIVE * mean));
    Tensor meanNow = lengths.mean().mul(0.01f);
    Tensor loss = lengths.sub(meanNow).square().mul(2f).mean();
    assertScalar(loss, "pathLoss");
    Tensor[] gradients = Autograd.gradOrZeros(loss, setting.studentParameters.tensors());
    setting.io.assertGradients("path.grad.", setting.studentParameters, gradients);
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void adamAtTheRatesOfLazyPenalties(Backend backend) throws IOException {
    Setting setting = new Setting(backend);
    double ratio = WEIGHTS.lazyRatio();
    assertThat(RATE * ratio).isEqualTo(scalar("dLearningRate"), within(1e-12));
    assertThat(Math.pow(0.99, ratio)).isEqualTo(scalar("dBeta2"), within(1e-12));
    try (Optimizer adam = setting.criticAdam(1e-8)) {
      adam.step(setting.io.gradients("d.grad.", setting.criticParameters));
      adam.step(setting.io.gradients("r1.grad.", setting.criticParameters));
    }
    new Vectors(backend, "discriminator-after-adam.safetensors")
        .assertParameters(setting.criticParameters);
  }

  @ParameterizedTest
  @MethodSource(BACKENDS)
  void threeWholeSteps(Backend backend) throws IOException {
    Setting setting = new Setting(backend);
    TrainingSteps steps = new TrainingSteps(WEIGHTS, null);
    Adam.Options options = new Adam.Options(0, 0.99, TRAJECTORY_EPSILON, 0);
    Trained student =
        new Trained(
            setting.studentParameters,
            new Adam(setting.studentParameters, LearningRate.constant(RATE), options));
    Trained critic = new Trained(setting.criticParameters, setting.criticAdam(TRAJECTORY_EPSILON));
    Batch batch = new Batch(setting.source, setting.target, null);
    List<Part> whole = List.of(new Part(batch, setting::answer));
    JsonNode expected = Goldens.cases().get("steps");
    try (MovingAverage average = new MovingAverage(setting.studentParameters)) {
      for (int step = 0; step < 3; step++) {
        StudentLosses losses = steps.student(student, whole, setting.discriminator);
        average.update(0.9);
        JsonNode row = expected.get(step);
        assertLoss(losses.total(), row, "g");
        assertLoss(losses.gan(), row, "gan");
        assertLoss(losses.l1(), row, "l1");
        assertLoss(steps.discriminator(critic, whole, setting.discriminator).value(), row, "d");
        if (step == 0) {
          assertLoss(steps.penalty(critic, whole, setting.discriminator).value(), row, "r1");
        }
      }
      new Vectors(backend, "average-after-3.safetensors").assertParameters(average.parameters());
    }
    new Vectors(backend, "generator-after-3.safetensors")
        .assertParameters(setting.studentParameters);
    new Vectors(backend, "discriminator-after-3.safetensors")
        .assertParameters(setting.criticParameters);
  }

  private static void assertLoss(double actual, JsonNode row, String name) {
    double expected = row.get(name).doubleValue();
    assertThat(actual).as(name).isEqualTo(expected, within(RELATIVE * Math.abs(expected)));
  }
}
