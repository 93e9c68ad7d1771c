package io.github.pix2pixzero.distill;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.picture.ContactSheet;
import io.github.pix2pixzero.picture.PictureFiles;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.io.AtomicFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A training in a folder: the student as it stands, ready to use, and beside it all that it takes
 * to go on.
 *
 * <pre>
 * config.json  model.safetensors   the student, its weights averaged
 * training.safetensors             where the training stands, one file
 * training.jsonl  losses.svg       losses and held-out scores
 * held-out.png                     pictures held out: before, the teacher's, the student's
 * </pre>
 *
 * <p>Each is written whole, {@code training.safetensors} last; one that was killed goes on from
 * there and ends with the same bits. For one thread.
 */
public final class TrainingRun implements AutoCloseable {
  private static final String STATE = "training.safetensors";
  private static final String LOG = "training.jsonl";

  /** Held-out pairs that are looked at. */
  private static final int SCORED = 64;

  private static final int SHOWN = 8;

  private final Backend backend;
  private final StudentConfig config;
  private final PairSource training;
  private final PairSource heldOut;
  private final TrainingOptions options;
  private final Path folder;
  private final ImmutableMap<String, String> metadata;
  private final Trainer trainer;
  private final TrainingLog log;
  private final Means means = new Means();
  private double secondsBefore;
  private Stopwatch watch;
  private HeldOutScores scores;

  /** Hears of every step. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Told between two steps.
     *
     * @param heldOut the latest scores; empty before the first checkpoint, and where nothing is
     *     held out
     * @return whether to go on; if not, the training is saved as it stands
     */
    boolean step(TrainingProgress progress, Optional<HeldOutScores> heldOut);
  }

  /**
   * Begins a training, or goes on with the one that is in the folder.
   *
   * @param heldOut pairs to judge it by; may be empty
   * @param folder made if it is missing
   * @param metadata of the student, such as {@link StudentInfo} names
   * @throws IllegalArgumentException if the folder has a training of another student, with other
   *     options, aids or pairs, there are no pairs, or the student to start from has another form
   * @throws IOException if it cannot be read
   */
  public TrainingRun(
      Backend backend,
      StudentConfig config,
      PairSource training,
      PairSource heldOut,
      TrainingOptions options,
      TrainingAids aids,
      Path folder,
      Map<String, String> metadata)
      throws IOException {
    this.backend = backend;
    this.config = config;
    this.training = training;
    this.heldOut = heldOut;
    this.options = options;
    this.folder = folder;
    this.metadata = ImmutableMap.copyOf(metadata);
    Files.createDirectories(folder);
    trainer = new Trainer(backend, config, training, options, aids.features());
    log = new TrainingLog(folder.resolve(LOG));
    try {
      if (aids.start().isPresent()) {
        trainer.startFrom(aids.start().get());
      }
      if (hasBegun(folder)) {
        trainer.resume(folder.resolve(STATE));
        log.read(trainer.step());
        secondsBefore = log.seconds();
      }
    } catch (IOException | RuntimeException e) {
      trainer.close();
      throw e;
    }
  }

  /** Whether a folder has a training to go on with. */
  public static boolean hasBegun(Path folder) {
    return Files.exists(folder.resolve(STATE));
  }

  /**
   * The steps of the training that a folder has.
   *
   * @throws IOException if it has none
   */
  public static long steps(Path folder) throws IOException {
    return Trainer.steps(folder.resolve(STATE));
  }

  /** Steps taken so far, also in earlier runs. */
  public long step() {
    return trainer.step();
  }

  /**
   * Trains to the end.
   *
   * @param checkpointEvery how much work may be lost
   * @throws ArithmeticException if several steps in a row are not finite
   * @throws IOException if a pair cannot be read, or the folder not be written
   */
  public void run(Duration checkpointEvery, Listener listener) throws IOException {
    checkArgument(!checkpointEvery.isNegative(), "time between checkpoints is %s", checkpointEvery);
    watch = Stopwatch.createStarted();
    Stopwatch since = Stopwatch.createStarted();
    if (trainer.step() >= options.steps()) {
      return;
    }
    IOException[] failed = new IOException[1];
    trainer.run(
        progress -> {
          means.add(progress);
          boolean last = progress.step() == progress.steps();
          boolean due = since.elapsed().compareTo(checkpointEvery) >= 0;
          try {
            boolean more = listener.step(progress, Optional.ofNullable(scores));
            if (due || last || !more) {
              checkpoint();
              since.reset().start();
            }
            return more;
          } catch (IOException e) {
            failed[0] = e;
            return false;
          }
        });
    if (failed[0] != null) {
      throw failed[0];
    }
  }

  private void checkpoint() throws IOException {
    scores = HeldOutScores.of(trainer.student(), backend, heldOut, SCORED);
    log.add(
        means.entry(
            trainer.step(), secondsBefore + watch.elapsed(TimeUnit.MILLISECONDS) / 1e3, scores));
    byte[] plot = LossPlot.svg(log.entries()).getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(folder.resolve("losses.svg"), out -> out.write(plot));
    if (heldOut.size() > 0) {
      PictureFiles.write(sheet(), folder.resolve("held-out.png"));
    }
    StudentFiles.write(folder, config, trainer.average(), described());
    trainer.save(folder.resolve(STATE));
  }

  private Map<String, String> described() {
    Map<String, String> all = new LinkedHashMap<>(metadata);
    all.put(StudentInfo.STEPS, Long.toString(trainer.step()));
    all.put(StudentInfo.PAIRS, Integer.toString(training.size()));
    if (scores != null) {
      StudentInfo.putScores(all, scores);
    }
    return all;
  }

  private BufferedImage sheet() throws IOException {
    List<ContactSheet.Tile> tiles = new ArrayList<>();
    for (int i = 0; i < Math.min(SHOWN, heldOut.size()); i++) {
      Pair pair = heldOut.pair(i);
      float[] answer = HeldOutScores.answer(trainer.student(), backend, pair);
      tiles.add(new ContactSheet.Tile("source", pair.picture(pair.source())));
      tiles.add(new ContactSheet.Tile("teacher", pair.picture(pair.target())));
      tiles.add(new ContactSheet.Tile("student", pair.picture(answer)));
    }
    return ContactSheet.of(tiles, Math.min(6, tiles.size()));
  }

  /** Sums of what steps came to. */
  private static final class Means {
    private int steps;
    private double loss;
    private double l1;
    private double mask;
    private double features;
    private double gan;
    private double discriminator;

    void add(TrainingProgress progress) {
      steps++;
      loss += progress.loss();
      l1 += progress.l1();
      mask += progress.mask();
      features += progress.features();
      gan += progress.gan();
      discriminator += progress.discriminator();
    }

    /** The means, which begin again. */
    TrainingLog.Entry entry(long step, double seconds, HeldOutScores scores) {
      int n = Math.max(1, steps);
      TrainingLog.Entry entry =
          new TrainingLog.Entry(
              step,
              seconds,
              loss / n,
              l1 / n,
              mask / n,
              features / n,
              gan / n,
              discriminator / n,
              scores);
      steps = 0;
      loss = 0;
      l1 = 0;
      mask = 0;
      features = 0;
      gan = 0;
      discriminator = 0;
      return entry;
    }
  }

  @Override
  public void close() {
    trainer.close();
  }
}
