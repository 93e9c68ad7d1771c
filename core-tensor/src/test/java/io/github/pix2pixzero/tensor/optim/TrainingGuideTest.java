package io.github.pix2pixzero.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.Autograd;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.io.SafetensorsFile;
import io.github.pix2pixzero.tensor.nn.Initializer;
import io.github.pix2pixzero.tensor.nn.Linear;
import io.github.pix2pixzero.tensor.nn.Weights;
import io.github.pix2pixzero.tensor.ops.CrossEntropy;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The network of {@code docs/training.md}: which of two spirals a point lies on. */
class TrainingGuideTest {
  private static final int POINTS = 512;
  private static final int BATCH = 64;
  private static final long SEED = 1;

  /** Two layers with a ReLU in between, and one for the answer. */
  record Spirals(Linear first, Linear second, Linear answer) {
    static Spirals of(Weights weights) {
      Weights hidden = weights.starting(Initializer.kaimingNormal(Math.sqrt(2)));
      return new Spirals(
          Linear.load(hidden.at("first"), 2, 32),
          Linear.load(hidden.at("second"), 32, 32),
          Linear.load(weights.at("answer"), 32, 2));
    }

    /** Points [batch, 2] to logits [batch, 2]. */
    Tensor forward(Tensor points) {
      return answer.forward(second.forward(first.forward(points).relu()).relu());
    }
  }

  /** Points and which spiral each is on. */
  record Batch(float[] points, int[] spirals) {
    static Batch decode(int[] items, PhiloxGenerator random) {
      float[] points = random.normal(2 * items.length);
      int[] spirals = new int[items.length];
      for (int i = 0; i < items.length; i++) {
        spirals[i] = items[i] % 2;
        double turn = 1.5 * Math.PI * Math.sqrt(items[i] / (double) POINTS);
        double angle = 2 * turn + spirals[i] * Math.PI;
        points[2 * i] = (float) (turn / 3 * Math.cos(angle)) + 0.02f * points[2 * i];
        points[2 * i + 1] = (float) (turn / 3 * Math.sin(angle)) + 0.02f * points[2 * i + 1];
      }
      return new Batch(points, spirals);
    }
  }

  /** A training that can be stopped and resumed. */
  private static final class Training implements AutoCloseable {
    private final Backend backend;
    private final Parameters parameters;
    private final Spirals network;
    private final Optimizer adam;
    private final MovingAverage average;
    private final Snapshot snapshot;
    private long step;

    Training(Backend backend) {
      this.backend = backend;
      parameters = new Parameters(backend, new PhiloxGenerator(SEED));
      network = Spirals.of(parameters);
      LearningRate rate = LearningRate.cosine(0.01, 0.001, 400).warmUp(10);
      adam = new Adam(parameters, rate, Adam.Options.defaults());
      average = new MovingAverage(parameters);
      snapshot =
          new Snapshot()
              .add("network", parameters)
              .add("average", average.parameters())
              .add("adam", adam);
    }

    float run(long until) throws IOException {
      float last = Float.NaN;
      try (BatchLoader<Batch> loader =
          new BatchLoader<>(POINTS, BATCH, SEED, 2, step, Batch::decode)) {
        while (step < until) {
          Batch batch = loader.next();
          try (Scope scope = Scope.open()) {
            Tensor points = Tensor.of(backend, batch.points(), BATCH, 2);
            Tensor loss = CrossEntropy.of(network.forward(points), batch.spirals());
            adam.step(Autograd.grad(loss, parameters.tensors()));
            average.update(0.95);
            last = loss.item();
          }
          step++;
        }
      }
      return last;
    }

    void save(Path file) throws IOException {
      snapshot.save(file, Map.of("step", Long.toString(step)));
    }

    void resume(Path file) throws IOException {
      step = Long.parseLong(snapshot.load(file).get("step"));
    }

    @Override
    public void close() {
      average.close();
      adam.close();
      parameters.close();
    }
  }

  private static double accuracy(Spirals network, Backend backend) {
    int[] all = new int[POINTS];
    for (int i = 0; i < POINTS; i++) {
      all[i] = i;
    }
    Batch batch = Batch.decode(all, new PhiloxGenerator(2));
    float[] logits = network.forward(Tensor.of(backend, batch.points(), POINTS, 2)).toFloats();
    int right = 0;
    for (int i = 0; i < POINTS; i++) {
      right += (logits[2 * i + 1] > logits[2 * i] ? 1 : 0) == batch.spirals()[i] ? 1 : 0;
    }
    return right / (double) POINTS;
  }

  @Test
  void learnsTheSpiralsAndIsUsedFromItsFile(@TempDir Path folder) throws IOException {
    Backend backend = Backends.best(1);
    Path file = folder.resolve("spirals.safetensors");
    try (Training training = new Training(backend)) {
      training.run(400);
      training.average.parameters().save(file);
    }
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      Spirals network = Spirals.of(Weights.of(backend, stored));
      assertThat(accuracy(network, backend)).isGreaterThan(0.95);
    }
    Spirals untrained = Spirals.of(new Parameters(backend, new PhiloxGenerator(SEED)));
    assertThat(accuracy(untrained, backend)).isLessThan(0.8);
  }

  @Test
  void resumesWithTheSameBits(@TempDir Path folder) throws IOException {
    Backend backend = Backends.best(1);
    Path file = folder.resolve("state.safetensors");
    float expected;
    try (Training whole = new Training(backend)) {
      whole.run(10);
      whole.save(file);
      expected = whole.run(20);
      whole.parameters.save(folder.resolve("whole"));
      whole.average.parameters().save(folder.resolve("whole-average"));
    }
    try (Training resumed = new Training(backend)) {
      resumed.run(3); // something to overwrite
      resumed.resume(file);
      assertThat(resumed.step).isEqualTo(10);
      assertThat(resumed.run(20)).isEqualTo(expected);
      resumed.parameters.save(folder.resolve("resumed"));
      resumed.average.parameters().save(folder.resolve("resumed-average"));
    }
    assertThat(folder.resolve("resumed")).hasSameBinaryContentAs(folder.resolve("whole"));
    assertThat(folder.resolve("resumed-average"))
        .hasSameBinaryContentAs(folder.resolve("whole-average"));
  }

  @Test
  void refusesASnapshotOfSomethingElse(@TempDir Path folder) throws IOException {
    Backend backend = Backends.best(1);
    Path file = folder.resolve("state.safetensors");
    try (Training training = new Training(backend)) {
      training.run(1);
      training.save(file);
      float[] before = training.parameters.get("first.weight").toFloats();
      Snapshot other = new Snapshot().add("network", training.parameters);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> other.load(file))
          .withMessageContaining("should hold the tensors [network/answer.bias");
      Snapshot sgd =
          new Snapshot()
              .add("network", training.parameters)
              .add("average", training.average.parameters())
              .add(
                  "adam",
                  new AdamW(
                      training.parameters, LearningRate.constant(1), Adam.Options.defaults()));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> sgd.load(file))
          .withMessageContaining("should hold the state of AdamW, but holds that of Adam");
      assertThat(training.parameters.get("first.weight").toFloats()).containsExactly(before);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> other.add("network", training.parameters))
          .withMessage("there is already a part network");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> other.add("a/b", training.parameters))
          .withMessage("a part's name has no slash, got a/b");
    }
  }
}
