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
    this(model, options, scores, new PairStore(folder));
  }

  PairCollector(
      Pix2PixZero model, EditOptions options, List<? extends PairScore> scores, PairStore store) {
    this.model = model;
    this.options = options;
    this.settings = CollectionSettings.of(model.model(), options);
    this.scores = ImmutableList.<PairScore>builder().add(new PairScores()).addAll(scores).build();
    this.store = store;
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
    model.plan(options); // says what is wrong
    store.claim(settings);
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
    Stopwatch watch = Stopwatch.createStarted();
    byte[] identity;
    try {
      identity = source.identity();
    } catch (IOException e) { // nothing is kept of what is not there: it may be, the next time
      Summary after = before.failed(1);
      listener.pair(failure("", source, "", "", watch, e), false, after);
      return after;
    }
    String caption = source.caption().orElseGet(options::captionOfPicture);
    String id = settings.id(identity, caption);
    Optional<PairRecord> known = store.whole(id);
    PairRecord record =
        known.isPresent() ? known.get() : make(id, identity, source, caption, watch, progress);
    Summary after =
        record.hasFailed()
            ? before.failed(1)
            : known.isPresent() ? before.known(1) : before.made(1);
    if (known.isEmpty() && after.made() % PROMPTS_EVERY == 0) {
      store.writePrompts();
    }
    listener.pair(record, known.isEmpty(), after);
    return after;
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
