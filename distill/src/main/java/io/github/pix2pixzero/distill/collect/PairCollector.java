package io.github.pix2pixzero.distill.collect;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Stopwatch;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import io.github.pix2pixzero.Edit;
import io.github.pix2pixzero.EditOptions;
import io.github.pix2pixzero.Pix2PixZero;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.distill.collect.PairScore.Judged;
import io.github.pix2pixzero.distill.collect.SourcePicture.Start;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Makes pairs by a diffusion edit and keeps them in a folder. A pair is written as a whole, so that
 * a process that is killed loses at most the one it was at, and another run goes on from there; a
 * pair that is there is not made again.
 *
 * <p>One source in ten is held out from training. Which, its own bytes decide, so that more sources
 * move none across.
 */
public final class PairCollector {
  private static final int ONE_IN = 10;

  /** Pairs after which the prompts' files are written again. */
  private static final int PROMPTS_EVERY = 50;

  private final Pix2PixZero model;
  private final EditOptions options;
  private final CollectionSettings settings;
  private final ImmutableList<PairScore> scores;
  private final PairStore store;
  private boolean begun;

  /** Hears of each pair. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Told between two pairs.
     *
     * @param record of the pair, which may have {@linkplain PairRecord#failed failed}
     * @param made whether it was made just now
     * @param summary of the run so far
     */
    void pair(PairRecord record, boolean made, Summary summary);
  }

  /**
   * What a run came to.
   *
   * @param made pairs that are new
   * @param known pairs that were there
   * @param failed sources of which no pair could be made, now or earlier
   */
  public record Summary(int made, int known, int failed) {
    /** Pairs that are there. */
    public int pairs() {
      return made + known;
    }

    private Summary made(int more) {
      return new Summary(made + more, known, failed);
    }

    private Summary known(int more) {
      return new Summary(made, known + more, failed);
    }

    private Summary failed(int more) {
      return new Summary(made, known, failed + more);
    }
  }

  /**
   * @param options of the edit; a source's own caption takes the place of theirs
   * @param scores what is noted of each pair besides {@link PairScores}
   * @param folder made when the first pair is
   * @throws IllegalArgumentException if the options are for a single picture, or say not what to
   *     change
   */
  public PairCollector(
      Pix2PixZero model, EditOptions options, List<? extends PairScore> scores, Path folder) {
    this(model, options, scores, CollectionFiles.of(folder));
  }

  /** The same where pairs are kept elsewhere, such as on an object store. */
  public PairCollector(
      Pix2PixZero model,
      EditOptions options,
      List<? extends PairScore> scores,
      CollectionFiles files) {
    this.model = model;
    this.options = options;
    this.settings = CollectionSettings.of(model.model(), options);
    this.scores = ImmutableList.<PairScore>builder().add(new PairScores()).addAll(scores).build();
    this.store = new PairStore(files);
  }

  /**
   * Makes what is missing of the pairs of sources.
   *
   * @param sources as many as there are; no more are asked for than are needed
   * @param count pairs that there should be of these sources
   * @param progress of the model's work on each
   * @throws IOException if the folder has pairs of other settings, or cannot be written
   * @throws java.util.concurrent.CancellationException if {@code progress} ends it
   */
  public Summary collect(
      Iterator<? extends SourcePicture> sources,
      int count,
      ProgressListener progress,
      Listener listener)
      throws IOException {
    checkArgument(count > 0, "there is at least one pair to collect, got %s", count);
    begin();
    Summary summary = new Summary(0, 0, 0);
    try {
      while (summary.pairs() < count && sources.hasNext()) {
        summary = next(sources.next(), summary, progress, listener);
      }
    } finally {
      store.writePrompts();
    }
    return summary;
  }

  private Summary next(
      SourcePicture source, Summary before, ProgressListener progress, Listener listener)
      throws IOException {
    Result result = result(source, progress);
    Summary after =
        result.record().hasFailed()
            ? before.failed(1)
            : result.made() ? before.made(1) : before.known(1);
    if (result.made() && after.made() % PROMPTS_EVERY == 0) {
      store.writePrompts();
    }
    listener.pair(result.record(), result.made(), after);
    return after;
  }

  /**
   * What became of a source.
   *
   * @param record of the pair, which may have {@linkplain PairRecord#failed failed}
   * @param made whether it was made just now
   */
  public record Result(PairRecord record, boolean made) {}

  /**
   * Makes the pair of one source, if it is missing. Any number of processes may do so at once in
   * one folder; {@link #writePrompts} then completes it.
   *
   * @throws IOException if the folder has pairs of other settings, or cannot be written
   * @throws IllegalArgumentException if the edit is not one that can be made
   */
  public Result collect(SourcePicture source) throws IOException {
    begin();
    return result(source, ProgressListener.NONE);
  }

  /**
   * Writes the files that say, for other trainers, what the pictures show, of all pairs there are.
   *
   * @throws IOException if they cannot be written, or the records not be read
   */
  public static void writePrompts(CollectionFiles files) throws IOException {
    new PairStore(files).writePrompts();
  }

  private void begin() throws IOException {
    if (!begun) {
      model.plan(options); // says what is wrong
      store.claim(settings);
      begun = true;
    }
  }

  private Result result(SourcePicture source, ProgressListener progress) throws IOException {
    Stopwatch watch = Stopwatch.createStarted();
    byte[] identity;
    String caption;
    try {
      identity = source.identity();
      caption = source.caption().orElseGet(options::captionOfPicture);
    } catch (IOException e) { // nothing is kept of what is not there: it may be, the next time
      return new Result(failure("", source, "", "", watch, e), false);
    }
    String id = settings.id(identity, caption);
    Optional<PairRecord> known = store.whole(id);
    return known.isPresent()
        ? new Result(known.get(), false)
        : new Result(make(id, identity, source, caption, watch, progress), true);
  }

  /** Makes a pair and writes it, or a record of why it cannot be made. */
  private PairRecord make(
      String id,
      byte[] identity,
      SourcePicture source,
      String caption,
      Stopwatch watch,
      ProgressListener progress)
      throws IOException {
    HashCode digest = Hashing.sha256().hashBytes(identity);
    Made made;
    try {
      made = make(source, caption, progress);
    } catch (IOException | ArithmeticException | IllegalArgumentException e) {
      PairRecord failure = failure(id, source, digest.toString(), caption, watch, e);
      store.write(failure);
      return failure;
    }
    PairRecord record =
        new PairRecord(
            id,
            source.name(),
            digest.toString(),
            isHeldOut(digest),
            caption,
            made.edit().plan().targetCaption().orElse(null),
            settings.teacher(),
            settings.edit(),
            seconds(watch),
            made.scores(),
            ImmutableMap.of(),
            null);
    store.write(record, made.before(), made.edit().image(), made.mask());
    return record;
  }

  /** A pair in memory. */
  private record Made(
      BufferedImage before, Edit edit, BufferedImage mask, ImmutableMap<String, Double> scores) {}

  private Made make(SourcePicture source, String caption, ProgressListener progress)
      throws IOException {
    EditOptions captioned = options.toBuilder().caption(caption).build();
    Start start = source.start(model, captioned, progress);
    Edit edit = model.edit(start.inversion(), captioned, progress);
    BufferedImage mask = EditMasks.of(edit, start.picture());
    Judged judged =
        new Judged(start.picture(), edit.image(), mask, caption, edit.plan().targetCaption());
    Map<String, Double> all = new LinkedHashMap<>();
    scores.forEach(score -> all.putAll(score.of(judged)));
    return new Made(start.picture(), edit, mask, ImmutableMap.copyOf(all));
  }

  /** Decided by the source alone. */
  private static boolean isHeldOut(HashCode digest) {
    return Integer.remainderUnsigned(digest.asInt(), ONE_IN) == 0;
  }

  private static double seconds(Stopwatch watch) {
    return watch.elapsed(TimeUnit.MILLISECONDS) / 1e3;
  }

  private PairRecord failure(
      String id,
      SourcePicture source,
      String digest,
      String caption,
      Stopwatch watch,
      Exception reason) {
    return new PairRecord(
        id,
        source.name(),
        digest,
        false,
        caption,
        null,
        settings.teacher(),
        settings.edit(),
        seconds(watch),
        ImmutableMap.of(),
        ImmutableMap.of(),
        String.valueOf(reason.getMessage()));
  }
}
