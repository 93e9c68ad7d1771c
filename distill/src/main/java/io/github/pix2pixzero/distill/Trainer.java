package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Splitter;
import com.google.common.hash.Hashing;
import com.google.common.io.MoreFiles;
import io.github.pix2pixzero.distill.TrainingSteps.Batch;
import io.github.pix2pixzero.distill.TrainingSteps.Loss;
import io.github.pix2pixzero.distill.TrainingSteps.Part;
import io.github.pix2pixzero.distill.TrainingSteps.StudentLosses;
import io.github.pix2pixzero.distill.TrainingSteps.Trained;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.optim.Adam;
import io.github.pix2pixzero.tensor.optim.BatchLoader;
import io.github.pix2pixzero.tensor.optim.MovingAverage;
import io.github.pix2pixzero.tensor.optim.Parameters;
import io.github.pix2pixzero.tensor.optim.Snapshot;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Trains a student on pairs: first by the difference from the targets and by the masks, then, where
 * the options say so, with a {@link Discriminator} besides. What is used afterwards is the average
 * of the weights.
 *
 * <p>Everything follows from the seed and the number of the step, so that a training which is
 * {@linkplain #save saved}, killed and {@linkplain #resume resumed} ends with the same bits as one
 * that is not. For one thread.
 */
public final class Trainer implements AutoCloseable {
  /** Steps in a row that may be skipped. */
  private static final int MAX_SKIPPED = 3;

  private static final int AHEAD = 2;
  private static final double BETA2 = 0.99;
  private static final double BETA1_ALONE = 0.9;
  private static final double EPSILON = 1e-8;

  /** Streams of the seed. */
  private static final long STUDENT = 0;

  private static final long DISCRIMINATOR = 1;
  private static final long CHANCE = 2;

  /** Splits a record's or a map's text at what stands around and between its parts. */
  private static final Splitter PARTS = Splitter.onPattern(", |[\\[\\]{}]+").omitEmptyStrings();

  private static final String STEP = "step";
  private static final String CONFIG = "config";
  private static final String OPTIONS = "options";
  private static final String STEPS = "steps";
  private static final String PAIRS = "pairs";
  private static final String FEATURES = "features";
  private static final String START = "start";
  private static final String NONE = "none";
  private static final String SKIPPED = "skipped";
  private static final String IN_A_ROW = "skippedInARow";

  private final Backend backend;
  private final StudentConfig config;
  private final PairSource pairs;
  private final TrainingOptions options;
  private final TeacherFeatures features;
  private final PhiloxGenerator root;
  private final TrainingSteps steps;
  private final Student student;
  private final MovingAverage average;
  private final Student averaged;
  private Trained trained;
  private Adversary adversary;
  private String start = NONE;
  private long step;
  private long skipped;
  private int skippedInARow;

  /** The discriminator and what trains it. */
  private record Adversary(Discriminator network, Trained trained) {}

  /**
   * A training at its first step.
   *
   * @throws IllegalArgumentException if there are no pairs, or the first does not fit the student
   */
  public Trainer(Backend backend, StudentConfig config, PairSource pairs, TrainingOptions options) {
    this(backend, config, pairs, options, Optional.empty());
  }

  /**
   * The same where features are compared too.
   *
   * @throws IllegalArgumentException as there, or if features count but there are none
   */
  public Trainer(
      Backend backend,
      StudentConfig config,
      PairSource pairs,
      TrainingOptions options,
      Optional<TeacherFeatures> features) {
    checkArgument(pairs.size() > 0, "there are no pairs to train on");
    checkArgument(
        options.losses().features() == 0 || features.isPresent(),
        "without a teacher's features, their weight is 0, got %s",
        options.losses().features());
    this.features = options.losses().features() == 0 ? null : features.get();
    this.backend = backend;
    this.config = config;
    this.pairs = pairs;
    this.options = options;
    root = new PhiloxGenerator(options.seed());
    steps = new TrainingSteps(options.losses(), this.features);
    Parameters parameters = new Parameters(backend, root.split(STUDENT));
    student = Student.of(parameters, config, options.remembering());
    average = new MovingAverage(parameters);
    averaged = Student.of(average.parameters().frozen(), config);
    trained = alone(parameters);
  }

  private Trained alone(Parameters parameters) {
    Adam.Options adam = new Adam.Options(BETA1_ALONE, BETA2, EPSILON, 0);
    return new Trained(parameters, new Adam(parameters, options.rate(), adam));
  }

  /** Steps taken so far. */
  public long step() {
    return step;
  }

  /** The student with averaged weights, which follow the training. */
  public Student student() {
    return averaged;
  }

  /** The averaged weights, to be written with {@link StudentFiles}. */
  public Parameters average() {
    return average.parameters();
  }

  /**
   * Trains until the last step, or until the listener has enough.
   *
   * @throws ArithmeticException if {@value #MAX_SKIPPED} steps in a row are not finite
   * @throws IOException if a pair cannot be read
   */
  public void run(TrainingProgress.Listener listener) throws IOException {
    try (BatchLoader<Arrays> loader =
        new BatchLoader<>(
            pairs.size(), options.batch(), options.seed(), AHEAD, step, this::decode)) {
      boolean more = step < options.steps();
      while (more) {
        enterPhase();
        TrainingProgress progress = train(loader.next());
        more = listener.step(progress) && step < options.steps();
      }
    }
  }

  /** A batch on the heap. */
  private record Arrays(float[] source, float[] target, float[] mask) {}

  private Arrays decode(int[] items, PhiloxGenerator random) throws IOException {
    int size = config.resolution();
    int pixels = size * size;
    Arrays batch =
        new Arrays(
            new float[items.length * pixels * Pair.COLOURS],
            new float[items.length * pixels * Pair.COLOURS],
            new float[items.length * pixels]);
    for (int i = 0; i < items.length; i++) {
      Pair pair = options.augmentation().apply(pairs.pair(items[i]), size, random.split(i));
      int colours = pixels * Pair.COLOURS;
      System.arraycopy(pair.source(), 0, batch.source(), i * colours, colours);
      System.arraycopy(pair.target(), 0, batch.target(), i * colours, colours);
      System.arraycopy(pair.mask(), 0, batch.mask(), i * pixels, pixels);
    }
    return batch;
  }

  private TrainingProgress train(Arrays arrays) {
    try (Scope scope = Scope.open()) {
      PhiloxGenerator chance = root.split(CHANCE).split(step);
      Discriminator against = adversary == null ? null : adversary.network();
      List<Part> parts = parts(arrays, chance.split(0));
      StudentLosses losses = steps.student(trained, parts, against);
      boolean taken = losses.taken();
      if (taken) {
        // Early averages forget faster, so that the first weights leave no trace.
        average.update(Math.min(options.averageDecay(), (1 + step) / (10.0 + step)));
      }
      Loss critic = new Loss(0, true);
      if (adversary != null) {
        List<Part> again = parts(arrays, chance.split(1));
        critic = steps.discriminator(adversary.trained(), again, against);
        taken &= critic.taken();
        if ((step - options.adversarialFrom()) % options.losses().r1Interval() == 0) {
          taken &= steps.penalty(adversary.trained(), again, against).taken();
        }
      }
      count(taken);
      step++;
      return new TrainingProgress(
          step,
          options.steps(),
          losses.total(),
          losses.l1(),
          losses.mask(),
          losses.features(),
          losses.gan(),
          critic.value(),
          skipped);
    }
  }

  /** The batch in parts, each of whole groups of the discriminator where that goes. */
  private List<Part> parts(Arrays arrays, PhiloxGenerator chance) {
    int groups = Discriminator.groups(options.batch(), options.groupSize());
    boolean whole = groups % options.parts() == 0;
    int size = options.batch() / options.parts();
    List<Part> parts = new ArrayList<>();
    for (int part = 0; part < options.parts(); part++) {
      int[] items = new int[size];
      List<PhiloxGenerator> random = new ArrayList<>();
      for (int item = 0; item < options.batch(); item++) {
        int in = whole ? item % groups / (groups / options.parts()) : item / size;
        if (in == part) {
          items[random.size()] = item;
          random.add(chance.split(item));
        }
      }
      Batch batch =
          new Batch(
              pictures(arrays.source(), items, Pair.COLOURS),
              pictures(arrays.target(), items, Pair.COLOURS),
              pictures(arrays.mask(), items, 1));
      parts.add(new Part(batch, () -> student.answer(batch.source(), random)));
    }
    return parts;
  }

  private Tensor pictures(float[] all, int[] items, int channels) {
    int size = config.resolution();
    int length = size * size * channels;
    float[] some = new float[items.length * length];
    for (int i = 0; i < items.length; i++) {
      System.arraycopy(all, items[i] * length, some, i * length, length);
    }
    return Tensor.of(backend, some, items.length, size, size, channels);
  }

  private void count(boolean taken) {
    skippedInARow = taken ? 0 : skippedInARow + 1;
    skipped += taken ? 0 : 1;
    if (skippedInARow >= MAX_SKIPPED) {
      throw new ArithmeticException(
          "losses or gradients of %s steps in a row up to step %s are not finite; a lower learning rate may help"
              .formatted(skippedInARow, step));
    }
  }

  /** Brings a discriminator in when its time has come. */
  private void enterPhase() {
    if (adversary != null || step < options.adversarialFrom()) {
      return;
    }
    trained.optimizer().close();
    Parameters parameters = trained.parameters();
    Adam.Options adam = new Adam.Options(0, BETA2, EPSILON, 0);
    trained = new Trained(parameters, new Adam(parameters, options.adversarialRate(), adam));

    Parameters weights = new Parameters(backend, root.split(DISCRIMINATOR));
    Discriminator network =
        new Discriminator(
            weights,
            config.resolution(),
            ComodConfig.small(config.resolution(), options.discriminatorWidth()).channels(),
            options.groupSize(),
            options.remembering());
    double ratio = options.losses().lazyRatio();
    Adam.Options lazy = new Adam.Options(0, Math.pow(BETA2, ratio), EPSILON, 0);
    Adam optimizer = new Adam(weights, at -> ratio * options.adversarialRate().at(at), lazy);
    adversary = new Adversary(network, new Trained(weights, optimizer));
  }

  private Snapshot snapshot() {
    Snapshot snapshot =
        new Snapshot()
            .add("student", trained.parameters())
            .add("average", average.parameters())
            .add("studentAdam", trained.optimizer());
    if (adversary != null) {
      snapshot
          .add("discriminator", adversary.trained().parameters())
          .add("discriminatorAdam", adversary.trained().optimizer());
    }
    return snapshot;
  }

  /** Writes all that it takes to go on, in one file that is whole or not there. */
  public void save(Path file) throws IOException {
    snapshot()
        .save(
            file,
            Map.of(
                STEPS,
                Long.toString(options.steps()),
                PAIRS,
                pairs.fingerprint(),
                FEATURES,
                features(),
                START,
                start,
                STEP,
                Long.toString(step),
                CONFIG,
                config.toJson().toString(),
                OPTIONS,
                options.toString(),
                SKIPPED,
                Long.toString(skipped),
                IN_A_ROW,
                Integer.toString(skippedInARow)));
  }

  private String features() {
    return features == null ? NONE : features.identity();
  }

  /**
   * Begins with the weights of another student, before the first step and before {@link #resume}.
   *
   * @param other a folder or a file of weights
   * @throws IOException if it is no student or cannot be read
   * @throws IllegalArgumentException if it has another form
   */
  public void startFrom(Path other) throws IOException {
    checkArgument(step == 0, "a training that has begun does not begin with other weights");
    StudentConfig form = StudentFiles.info(other).config();
    checkArgument(
        form.equals(config),
        "%s cannot be the start of this training: its %s",
        other,
        differences(form.toJson(), config.toJson()));
    Path weights = StudentFiles.weights(other);
    trained.parameters().load(weights);
    average.parameters().load(weights);
    start = MoreFiles.asByteSource(weights).hash(Hashing.sha256()).toString();
  }

  /** Of forms of one kind all that differs, of others that they are of two kinds. */
  private static String differences(Map<String, Object> theirs, Map<String, Object> ours) {
    boolean alike = theirs.get(StudentConfig.KIND).equals(ours.get(StudentConfig.KIND));
    return Stream.concat(theirs.keySet().stream(), ours.keySet().stream())
        .distinct()
        .filter(name -> alike || name.equals(StudentConfig.KIND))
        .filter(name -> !Objects.equals(theirs.get(name), ours.get(name)))
        .map(
            name ->
                "%s is %s, not %s"
                    .formatted(
                        name,
                        theirs.getOrDefault(name, "absent"),
                        ours.getOrDefault(name, "absent")))
        .collect(Collectors.joining(", "));
  }

  /**
   * Goes on from what {@link #save} wrote.
   *
   * @throws IllegalArgumentException if it is of another student, of other options, on other pairs,
   *     with other features or from other weights
   */
  public void resume(Path file) throws IOException {
    Map<String, String> notes = Snapshot.notes(file);
    checkSame(file, CONFIG, config.toJson().toString(), notes);
    checkSame(file, OPTIONS, options.toString(), notes);
    checkArgument(
        pairs.fingerprint().equals(notes.get(PAIRS)), "%s is a training on other pairs", file);
    checkArgument(
        features().equals(notes.get(FEATURES)),
        "%s is a training with the features of another autoencoder",
        file);
    checkArgument(
        start.equals(notes.get(START)), "%s is a training that began with other weights", file);
    checkArgument(step == 0, "a training that has begun does not resume another");
    step = Long.parseLong(notes.get(STEP));
    skipped = Long.parseLong(notes.get(SKIPPED));
    skippedInARow = Integer.parseInt(notes.get(IN_A_ROW));
    if (step > options.adversarialFrom()) {
      enterPhase();
    }
    snapshot().load(file);
  }

  /** The steps of the training that {@link #save} wrote down. */
  static long steps(Path file) throws IOException {
    return Long.parseLong(Snapshot.notes(file).get(STEPS));
  }

  private static void checkSame(Path file, String key, String expected, Map<String, String> notes) {
    String before = String.valueOf(notes.get(key));
    checkArgument(
        expected.equals(before),
        "%s is a training with the %s %s; go on with them, or train into another folder",
        file,
        key,
        difference(before, expected));
  }

  /** What two texts of the same parts differ in, or both. */
  private static String difference(String before, String now) {
    List<String> parts = PARTS.splitToList(before);
    List<String> others = PARTS.splitToList(now);
    if (parts.size() != others.size()) {
      return "%s, not %s".formatted(before, now);
    }
    return IntStream.range(0, parts.size())
        .filter(i -> !parts.get(i).equals(others.get(i)))
        .mapToObj(i -> "%s, not %s".formatted(parts.get(i), others.get(i)))
        .collect(Collectors.joining("; "));
  }

  @Override
  public void close() {
    trained.optimizer().close();
    average.close();
    trained.parameters().close();
    if (adversary != null) {
      adversary.trained().optimizer().close();
      adversary.trained().parameters().close();
    }
  }
}
