package io.github.pix2pixzero.cli;

import com.google.common.base.Joiner;
import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.Range;
import io.github.pix2pixzero.distill.HeldOutScores;
import io.github.pix2pixzero.distill.PairSource;
import io.github.pix2pixzero.distill.Remembering;
import io.github.pix2pixzero.distill.StudentConfig;
import io.github.pix2pixzero.distill.StudentInfo;
import io.github.pix2pixzero.distill.TrainingAids;
import io.github.pix2pixzero.distill.TrainingOptions;
import io.github.pix2pixzero.distill.TrainingPace;
import io.github.pix2pixzero.distill.TrainingProgress;
import io.github.pix2pixzero.distill.TrainingRun;
import io.github.pix2pixzero.distill.collect.CollectionSettings;
import io.github.pix2pixzero.distill.collect.DiffusionClassifier;
import io.github.pix2pixzero.distill.collect.PairFilter;
import io.github.pix2pixzero.distill.collect.PairFolder;
import io.github.pix2pixzero.distill.collect.PairScores;
import io.github.pix2pixzero.tensor.backend.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code pix2pix-zero distill train}: pairs in, a student out. */
@Command(
    name = "train",
    description = "Trains a student on pairs.",
    customSynopsis = {"pix2pix-zero distill train PAIRS -o STUDENT [OPTION...]"},
    footerHeading = "%nExamples, which run in the folder of the sources:%n",
    footer = {
      "  ./pix2pix-zero distill train pairs -o student --steps 10",
      "  ./pix2pix-zero distill train pairs -o fast --student fast --steps 10"
    })
final class DistillTrainCommand extends ComputingCommand {
  private static final String COMOD = "comod";

  private static final ImmutableList<String> KINDS = ImmutableList.of(COMOD, "fast");

  /** What pairs may be kept by. */
  private static final ImmutableList<String> SCORES =
      ImmutableList.of(
          PairScores.MASK,
          PairScores.CHANGE,
          PairScores.OUTSIDE,
          DiffusionClassifier.NAME,
          ClipGain.GAIN,
          ClipGain.MARGIN);

  /** A step with a discriminator takes more than twice as long, and sharpens quickly. */
  private static final double COMOD_GAN_FROM = 0.85;

  private static final long LINE_SECONDS = 10;
  private static final long USUAL_STEPS = 20_000;

  @Parameters(
      paramLabel = "PAIRS",
      description =
          "Folder of pairs that 'distill collect' has made, or with train_A and train_B of pictures"
              + " of the same names.")
  private Path pairs;

  @Option(
      names = {"-o", "--output"},
      order = 1,
      required = true,
      paramLabel = "STUDENT",
      description =
          "Folder of the student, with its losses and pictures. A training that was cut off goes"
              + " on.")
  private Path output;

  @Option(
      names = "--from",
      order = 1,
      paramLabel = "WORD",
      description = "What the student changes, for pairs from elsewhere, which do not say; and")
  private String from;

  @Option(names = "--to", order = 1, paramLabel = "WORD", description = "what it makes of it.")
  private String to;

  @Option(
      names = "--student",
      order = 2,
      paramLabel = "comod|fast",
      description =
          "Kind of network: comod learns more from few pairs, fast takes a third of the work."
              + " Default: comod.")
  private String kind = COMOD;

  @Option(
      names = "--size",
      order = 3,
      paramLabel = "N",
      description = "Height and width of its pictures. Default: that of the pairs.")
  private Integer size;

  @Option(
      names = "--width",
      order = 3,
      paramLabel = "N",
      description = "Channels of its finest size. Default: 16; from 256 pixels on, more.")
  private Integer width;

  @Option(
      names = "--hours",
      order = 4,
      paramLabel = "H",
      description = "How long to train: as many steps as take about that long here.")
  private Double hours;

  @Option(
      names = "--steps",
      order = 4,
      paramLabel = "N",
      description = "Instead: how many steps. Default: 20000.")
  private Long steps;

  @Option(names = "--batch", order = 5, paramLabel = "N", description = "Pairs a step. Default: 8.")
  private Integer batch;

  @Option(
      names = "--accumulate",
      order = 5,
      paramLabel = "N",
      description =
          "Take the pairs of a step in N parts, one after the other, for less memory. Default: 1.")
  private Integer parts;

  @Option(
      names = "--recompute",
      order = 5,
      description =
          "Make again, in the backward pass, what lies within levels of the networks: less memory,"
              + " more time.")
  private boolean recompute;

  @Option(
      names = "--learning-rate",
      order = 5,
      paramLabel = "X",
      description = "At its highest. Default: 0.002.")
  private Double learningRate;

  @Option(
      names = "--gan-from",
      order = 6,
      paramLabel = "SHARE",
      description =
          "Share of the steps after which a discriminator takes part; 1: never. Default: 0.85 for"
              + " comod, 1 for fast.")
  private Double ganFrom;

  @Option(
      names = "--seed",
      order = 7,
      paramLabel = "N",
      description = "Start of the random numbers. Default: 0.")
  private long seed;

  @Mixin private TrainingAidOptions aids;

  @Option(
      names = "--at-least",
      order = 10,
      paramLabel = "SCORE=X",
      description =
          "Leave out pairs with a lower score: mask, change, psnr_outside, classifier, clip_gain,"
              + " clip_margin; repeatable. Default: mask=0.01, change=0.031, psnr_outside=24,"
              + " classifier=0.")
  private Map<String, Double> least = new LinkedHashMap<>();

  @Option(
      names = "--at-most",
      order = 10,
      paramLabel = "SCORE=X",
      description = "Likewise with a higher one. Default: mask=0.8.")
  private Map<String, Double> most = new LinkedHashMap<>();

  @Option(
      names = "--all-pairs",
      order = 11,
      description = "Leave out none but those that --at-least and --at-most say.")
  private boolean allPairs;

  @Option(
      names = "--checkpoint-minutes",
      order = 20,
      paramLabel = "N",
      description = "How much work a crash may cost. Default: 3.")
  private double checkpointMinutes = 3;

  private final Stopwatch watch = Stopwatch.createUnstarted();
  private long firstStep;
  private long nextLine;

  DistillTrainCommand(CommandProgress progress) {
    super(progress);
  }

  @Override
  void checkUsage() {
    require(
        KINDS.contains(kind),
        "--student should be %s, it is %s".formatted(String.join(" or ", KINDS), kind));
    require(hours == null || steps == null, "--hours does not go with --steps");
    require(
        hours == null || (hours > 0 && Double.isFinite(hours)),
        "--hours should be above 0, it is " + hours);
    require(
        ganFrom == null || (ganFrom >= 0 && ganFrom <= 1),
        "--gan-from should be from 0 to 1, it is " + ganFrom);
    require(
        checkpointMinutes > 0 && Double.isFinite(checkpointMinutes),
        "--checkpoint-minutes should be above 0, it is " + checkpointMinutes);
    aids.checkUsage(this);
    require(width == null || width > 0, "--width should be at least 1, it is " + width);
    require(size == null || size > 0, "--size should be at least 1, it is " + size);
    checkBounds("--at-least", least);
    checkBounds("--at-most", most);
  }

  private void checkBounds(String option, Map<String, Double> bounds) {
    bounds.forEach(
        (score, bound) -> {
          require(
              SCORES.contains(score),
              "%s: there is no score %s; there are %s"
                  .formatted(option, score, String.join(", ", SCORES)));
          require(!bound.isNaN(), "%s: %s is bound by no number".formatted(option, score));
        });
  }

  @Override
  FilesInUse files(FilesInUse files) {
    return aids.files(files.reads("PAIRS", pairs)).writes("--output", output);
  }

  @Override
  int run(Backend backend) throws IOException {
    PairFolder folder = PairFolder.open(pairs, filter());
    int side = size == null ? folder.side() : size;
    StudentConfig config = options(() -> form(side));
    options(() -> builder(config).build()); // before pairs are read
    Results.prepareFolder(output);
    PairSource training = folder.training(side);
    PairSource heldOut = folder.heldOut(side);
    say(
        "%s pairs to train on, %s held out, %s left out by their scores%s%s"
            .formatted(
                training.size(),
                heldOut.size(),
                folder.objections().values().stream().mapToInt(n -> n).sum(),
                folder.objections().isEmpty()
                    ? ""
                    : " ("
                        + Joiner.on(", ").withKeyValueSeparator(" ").join(folder.objections())
                        + ")",
                folder.damaged() == 0 ? "" : ", %s damaged".formatted(folder.damaged())));
    TrainingAids loaded = aids.load(config, backend);
    TrainingOptions options = trainingOptions(backend, config, training, loaded);
    try (TrainingRun run =
        new TrainingRun(
            backend, config, training, heldOut, options, loaded, output, metadata(folder))) {
      firstStep = run.step();
      if (firstStep > 0) {
        say("goes on from step %s".formatted(firstStep));
      }
      watch.start();
      run.run(Duration.ofMillis(Math.round(60_000 * checkpointMinutes)), this::tell);
      say("wrote %s, %s".formatted(output, Texts.steps(run.step())));
    }
    return 0;
  }

  private StudentConfig form(int side) {
    try {
      return StudentConfig.of(
          kind, side, width == null ? OptionalInt.empty() : OptionalInt.of(width));
    } catch (IllegalArgumentException e) {
      if (size != null) {
        throw e;
      }
      throw new IllegalArgumentException(
          "--size is wanted: the first pair's smaller side is no size of a student's pictures: "
              + e.getMessage(),
          e);
    }
  }

  private PairFilter filter() {
    PairFilter filter = allPairs ? PairFilter.ALL : PairFilter.LOCAL;
    for (Map.Entry<String, Double> bound : least.entrySet()) {
      Double highest = most.get(bound.getKey());
      filter =
          filter.with(
              bound.getKey(),
              highest == null
                  ? Range.atLeast(bound.getValue())
                  : options(() -> Range.closed(bound.getValue(), highest)));
    }
    for (Map.Entry<String, Double> bound : most.entrySet()) {
      if (!least.containsKey(bound.getKey())) {
        filter = filter.with(bound.getKey(), Range.atMost(bound.getValue()));
      }
    }
    return filter;
  }

  private TrainingOptions trainingOptions(
      Backend backend, StudentConfig config, PairSource training, TrainingAids loaded)
      throws IOException {
    TrainingOptions.Builder builder = builder(config);
    double from = ganFrom != null ? ganFrom : config.kind().equals(COMOD) ? COMOD_GAN_FROM : 1;
    long count = steps == null ? USUAL_STEPS : steps;
    if (hours != null) {
      count =
          TrainingRun.hasBegun(output)
              ? TrainingRun.steps(output)
              : TrainingPace.steps(
                  backend,
                  config,
                  training,
                  builder.build(),
                  loaded.features(),
                  1 - from,
                  Duration.ofMillis(Math.round(3.6e6 * hours)));
      say("%s in about %s hours".formatted(Texts.steps(count), hours));
    }
    return builder.steps(count).adversarialFrom(Math.round(from * count)).build();
  }

  /** All that is known before pairs are read. */
  private TrainingOptions.Builder builder(StudentConfig config) {
    TrainingOptions.Builder builder = TrainingOptions.builder(config).seed(seed);
    if (steps != null) {
      builder.steps(steps);
    }
    if (batch != null) {
      builder.batch(batch);
    }
    if (parts != null) {
      builder.parts(parts);
    }
    if (recompute) {
      builder.remembering(Remembering.LEVELS);
    }
    if (learningRate != null) {
      builder.learningRate(learningRate);
    }
    return builder.losses(builder.build().losses().withFeatures(aids.weight(config)));
  }

  private ImmutableMap<String, String> metadata(PairFolder folder) {
    Map<String, String> metadata = new LinkedHashMap<>();
    Optional<CollectionSettings> settings = folder.settings();
    settings.ifPresent(all -> metadata.put(StudentInfo.TEACHER, all.teacher()));
    Map<String, String> edit = settings.map(CollectionSettings::edit).orElse(Map.of());
    metadata.put(StudentInfo.FROM, from == null ? edit.get(StudentInfo.FROM) : from);
    metadata.put(StudentInfo.TO, to == null ? edit.get(StudentInfo.TO) : to);
    metadata.values().removeIf(Objects::isNull);
    return ImmutableMap.copyOf(metadata);
  }

  private boolean tell(TrainingProgress at, Optional<HeldOutScores> scores) {
    long elapsed = watch.elapsed(TimeUnit.SECONDS);
    if (elapsed >= nextLine || at.step() == at.steps()) {
      nextLine = elapsed + LINE_SECONDS;
      double perStep = watch.elapsed(TimeUnit.MILLISECONDS) / 1e3 / (at.step() - firstStep);
      say(
          String.format(
              Locale.ROOT,
              "step %s of %s, L1 %.4f, mask %.4f%s%s%s%s, %.0f min left",
              at.step(),
              at.steps(),
              at.l1(),
              at.mask(),
              at.features() == 0
                  ? ""
                  : String.format(Locale.ROOT, ", features %.4f", at.features()),
              at.gan() == 0
                  ? ""
                  : String.format(
                      Locale.ROOT, ", GAN %.3f, discriminator %.3f", at.gan(), at.discriminator()),
              scores.map(DistillTrainCommand::text).orElse(""),
              at.skipped() == 0 ? "" : ", %s skipped".formatted(at.skipped()),
              Math.ceil(perStep * (at.steps() - at.step()) / 60)));
    }
    return true;
  }

  private static String text(HeldOutScores scores) {
    return String.format(
        Locale.ROOT,
        ", held out: inside %.2f dB, outside %.1f dB, residue %.2f, sharpness %.2f",
        scores.inside(),
        scores.outside(),
        scores.residue(),
        scores.sharpness());
  }
}
