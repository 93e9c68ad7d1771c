package io.github.pix2pixzero.benchmarks;

import com.google.common.collect.ImmutableList;
import com.google.common.io.MoreFiles;
import com.google.common.math.Quantiles;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.distill.ComodConfig;
import io.github.pix2pixzero.distill.DistilledEditor;
import io.github.pix2pixzero.distill.FastConfig;
import io.github.pix2pixzero.distill.LossWeights;
import io.github.pix2pixzero.distill.Pair;
import io.github.pix2pixzero.distill.PairSource;
import io.github.pix2pixzero.distill.Student;
import io.github.pix2pixzero.distill.StudentConfig;
import io.github.pix2pixzero.distill.StudentFiles;
import io.github.pix2pixzero.distill.Trainer;
import io.github.pix2pixzero.distill.TrainingOptions;
import io.github.pix2pixzero.picture.PillowResize;
import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.optim.Parameters;
import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How long students take, beside the edits that they stand for and beside PyTorch. Times do not
 * depend on what has been learned, so the weights are random.
 */
final class StudentTimes {
  private static final int SMALL = 64;
  private static final int LARGE = 512;
  private static final int WIDTH = 16;
  private static final int PICTURES = 32;
  private static final int TRAINED = 8;

  /** How DistilledEditor divides what it is given. */
  private static final int BATCH = 16;

  private static final long FEW = 3;

  private final Options options;
  private final Backend backend;
  private final StudentPeer peer;
  private final Path folder;
  private final Map<StudentConfig, Path> made = new HashMap<>();
  private final StringBuilder text = new StringBuilder();

  /**
   * What is measured, and how long.
   *
   * @param small height and width of the small pictures
   * @param large students of large pictures
   * @param published an edit of a small picture
   * @param usual another
   * @param editSeconds of an edit of a large picture, as another command has measured
   * @param python an interpreter with PyTorch
   * @param time for which a row is warmed up, and then measured
   */
  record Options(
      int small,
      ImmutableList<StudentConfig> large,
      EditOptions published,
      EditOptions usual,
      OptionalDouble editSeconds,
      Optional<String> python,
      Duration time) {

    static Options usual(OptionalDouble editSeconds, Optional<String> python, boolean quick) {
      Duration time = quick ? Duration.ofMillis(200) : Duration.ofSeconds(4);
      ImmutableList<StudentConfig> large =
          ImmutableList.of(
              FastConfig.slim(LARGE), ComodConfig.slim(LARGE), ComodConfig.published(LARGE));
      return new Options(
          SMALL, large, EditTimes.PUBLISHED, EditTimes.DEFAULTS, editSeconds, python, time);
    }
  }

  private StudentTimes(Options options, Backend backend, int threads, Path folder) {
    this.options = options;
    this.backend = backend;
    this.folder = folder;
    peer = new StudentPeer(options.python(), threads, options.time());
  }

  /**
   * Measures and describes the times in Markdown.
   *
   * @throws IllegalStateException if PyTorch's answers are not ours
   */
  static String run(Options options) throws IOException {
    Machine machine = Machine.current();
    int threads = machine.cores();
    Backend backend = Backends.best(threads);
    Path folder = Files.createTempDirectory("students");
    try {
      StudentTimes times = new StudentTimes(options, backend, threads, folder);
      times.text.append(machine.toMarkdown());
      times.text.append("- backend: %s, %s threads\n".formatted(backend.name(), threads));
      times.text.append("- medians, after as long a time to warm up\n");
      times.besideEdits();
      times.large();
      times.forwards();
      times.steps();
      return times.text.toString();
    } finally {
      MoreFiles.deleteRecursively(folder);
    }
  }

  // ------------------------------------------------------------------ students

  private StudentConfig comod() {
    return ComodConfig.small(options.small(), WIDTH);
  }

  private StudentConfig fast() {
    return FastConfig.small(options.small(), WIDTH);
  }

  /** Makes a student of random weights, or takes the one there is. */
  private Path student(StudentConfig config) throws IOException {
    Path student = made.get(config);
    if (student == null) {
      student = folder.resolve(Integer.toString(made.size()));
      made.put(config, student);
      try (Parameters parameters = new Parameters(backend, new PhiloxGenerator(1))) {
        Student network = Student.of(parameters, config);
        StudentFiles.write(student, network.config(), parameters, Map.of());
      }
    }
    return student;
  }

  private static String name(StudentConfig config) {
    boolean full = config instanceof ComodConfig comod && comod.mapping() != null;
    int size = config.resolution();
    return "`%s`, %s, %s × %s".formatted(config.kind(), full ? "full width" : "slim", size, size);
  }

  // ------------------------------------------------------------------ parts of the report

  private void besideEdits() throws IOException {
    Pix2PixZero model = Pix2PixZero.loadBundled(backend);
    BufferedImage picture = EditTimes.picture();
    double published = EditTimes.third(model, picture, options.published()).seconds();
    double usual = EditTimes.third(model, picture, options.usual()).seconds();
    text.append("\n| %s × %<s, width %s | ms a picture |".formatted(options.small(), WIDTH))
        .append(" published edit ÷ this | default edit ÷ this |\n|---|--:|--:|--:|\n");
    beside("published edit", options.published(), published, published, usual);
    beside("default edit", options.usual(), usual, published, usual);
    BufferedImage resized = PillowResize.BILINEAR.resize(picture, options.small(), options.small());
    for (StudentConfig config : new StudentConfig[] {comod(), fast()}) {
      for (int count : new int[] {1, PICTURES}) {
        double seconds = edit(config, Collections.nCopies(count, resized));
        String what = count == 1 ? "one picture" : count + " pictures at once";
        line("`%s`, %s".formatted(config.kind(), what), seconds, published, usual);
      }
    }
  }

  private void beside(
      String name, EditOptions edit, double seconds, double published, double usual) {
    String steps = "%s, %s + %<s steps".formatted(name, edit.stepsOfInversion());
    line(steps, seconds, published, usual);
  }

  private void line(String name, double seconds, double published, double usual) {
    text.append(
        "| %s | %s | %s | %s |\n"
            .formatted(name, millis(seconds), ratio(published, seconds), ratio(usual, seconds)));
  }

  private void large() throws IOException {
    String edit =
        options.editSeconds().isPresent()
            ? "edit of %s s ÷ this".formatted(options.editSeconds().getAsDouble())
            : "edit ÷ this, without `--edit-seconds`";
    text.append("\n| one large picture | ms | %s |\n|---|--:|--:|\n".formatted(edit));
    BufferedImage picture = EditTimes.picture();
    for (StudentConfig config : options.large()) {
      int size = config.resolution();
      double seconds = edit(config, List.of(PillowResize.BILINEAR.resize(picture, size, size)));
      String ratio =
          options.editSeconds().isPresent()
              ? ratio(options.editSeconds().getAsDouble(), seconds)
              : "–";
      text.append("| %s | %s | %s |\n".formatted(name(config), millis(seconds), ratio));
    }
  }

  private void forwards() throws IOException {
    peerTable("the network alone");
    for (StudentConfig config : new StudentConfig[] {comod(), fast()}) {
      for (int batch : new int[] {1, BATCH}) {
        String name = "`%s`, %s × %s, batch %s";
        int size = config.resolution();
        forward(name.formatted(config.kind(), size, size, batch), config, batch);
      }
    }
    for (StudentConfig config : options.large()) {
      forward(name(config) + ", batch 1", config, 1);
    }
  }

  private void steps() throws IOException {
    peerTable("a step of `comod`, %s × %<s, batch %s".formatted(options.small(), TRAINED));
    step("student alone", "l1", Long.MAX_VALUE, 1);
    step("student and discriminator", "gan", 0, Integer.MAX_VALUE);
    step("student, discriminator and R1", "r1", 0, 1);
  }

  private void peerTable(String what) {
    text.append(
        "\n| %s | ours, ms | PyTorch, ms | ours ÷ PyTorch |\n|---|--:|--:|--:|\n".formatted(what));
  }

  private void line(String name, double ours, OptionalDouble theirs) {
    String millis = theirs.isPresent() ? millis(theirs.getAsDouble()) : "–";
    String ratio = theirs.isPresent() ? fixed(2, ours / theirs.getAsDouble()) : "–";
    text.append("| %s | %s | %s | %s |\n".formatted(name, millis(ours), millis, ratio));
  }

  // ------------------------------------------------------------------ measuring

  /** Seconds a picture. */
  private double edit(StudentConfig config, List<BufferedImage> pictures) throws IOException {
    try (DistilledEditor editor = DistilledEditor.load(student(config), backend)) {
      return median(() -> editor.edit(pictures)) / pictures.size();
    }
  }

  private void forward(String name, StudentConfig config, int batch) throws IOException {
    Path path = student(config);
    Student student = StudentFiles.read(path, backend).student();
    int size = config.resolution();
    float[] ramp = ramp(batch * size * size * 3);
    double ours = median(() -> answer(student, ramp, batch));
    line(name, ours, peer.forward(path, batch, answer(student, ramp, batch)));
  }

  private float[] answer(Student student, float[] ramp, int batch) {
    int size = student.config().resolution();
    try (Scope scope = Scope.open()) {
      return student.answer(Tensor.of(backend, ramp, batch, size, size, 3)).picture().toFloats();
    }
  }

  /** What PyTorch sees as well. */
  private static float[] ramp(int length) {
    float[] ramp = new float[length];
    for (int i = 0; i < length; i++) {
      ramp[i] = i * 7919L % 256 / 127.5f - 1;
    }
    return ramp;
  }

  private void step(String name, String kind, long adversarialFrom, int r1Interval)
      throws IOException {
    LossWeights usual = LossWeights.defaults(options.small(), TRAINED);
    LossWeights losses =
        new LossWeights(usual.l1(), usual.mask(), 0, usual.gan(), usual.r1Gamma(), r1Interval);
    TrainingOptions training =
        TrainingOptions.builder(comod())
            .batch(TRAINED)
            .losses(losses)
            .adversarialFrom(adversarialFrom)
            .build();
    double ours;
    try (Trainer trainer = new Trainer(backend, comod(), pairs(), training)) {
      StepTimes times = new StepTimes(options.time());
      trainer.run(progress -> times.step());
      ours = times.median();
    }
    line(name, ours, peer.step(student(comod()), kind, TRAINED));
  }

  private PairSource pairs() {
    int size = options.small();
    float[] source = ramp(size * size * 3);
    float[] target = new float[source.length];
    float[] mask = new float[size * size];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % 2;
      for (int c = 3 * i; c < 3 * i + 3; c++) {
        target[c] = mask[i] == 0 ? source[c] : -source[c];
      }
    }
    Pair pair = new Pair("ramp", size, size, source, target, mask);
    return PairSource.of(Collections.nCopies(TRAINED, pair));
  }

  private interface Work {
    Object run();
  }

  private double median(Work work) {
    StepTimes times = new StepTimes(options.time());
    do {
      work.run();
    } while (times.step());
    return times.median();
  }

  /** Times from one call to the next: first to warm up, then those that count. */
  private static final class StepTimes {
    private final long nanos;
    private final List<Double> seconds = new ArrayList<>();
    private boolean warm;
    private long begin = System.nanoTime();
    private long last = begin;

    StepTimes(Duration time) {
      nanos = time.toNanos();
    }

    /** Called after each; says whether there should be another. */
    boolean step() {
      long now = System.nanoTime();
      seconds.add((now - last) / 1e9);
      last = now;
      if (seconds.size() < FEW || now - begin < nanos) {
        return true;
      }
      if (warm) {
        return false;
      }
      warm = true;
      begin = now;
      seconds.clear();
      return true;
    }

    double median() {
      return Quantiles.median().compute(seconds);
    }
  }

  // ------------------------------------------------------------------ numbers

  private static String millis(double seconds) {
    return fixed(seconds < 0.1 ? 2 : 0, seconds * 1e3);
  }

  private static String ratio(double edit, double seconds) {
    return String.format(Locale.ROOT, "%,.0f", edit / seconds);
  }

  private static String fixed(int digits, double value) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
