package io.github.pix2pixzero.server.internal.jobs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.CancellationToken;
import io.github.pix2pixzero.Progress;
import io.github.pix2pixzero.ProgressListener;
import io.github.pix2pixzero.server.internal.http.Refusal;
import java.awt.image.BufferedImage;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Work in the queue, at work or done. Whoever waits for it sees the latest {@link Snapshot}, so
 * that a slow watcher holds nothing up and nothing piles up for it.
 */
public final class Job implements ProgressListener {
  /** So that a preview after each step costs less than a tenth of the edit. */
  private static final int DECODE_EVERY = 5;

  private final String id = UUID.randomUUID().toString();
  private final Kind kind;
  private final ObjectNode settings;
  private final Optional<BufferedImage> mask;
  private final int previewEvery;
  private final CancellationToken token = new CancellationToken();
  private final Instant asked = Instant.now();

  private Snapshot now =
      new Snapshot(0, State.QUEUED, "waiting", 0, 0, 0, Optional.empty(), Optional.empty(), null);
  private Work work;
  private double from;
  private double share = 1;
  private Instant started;
  private Duration time = Duration.ZERO;
  private boolean kept = true;
  private int followers;

  /** What is done. */
  public enum Kind {
    EDIT,
    INVERT,
    GENERATE,
    LOOK;

    /** As clients read it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How far it is. */
  public enum State {
    QUEUED,
    RUNNING,
    DONE,
    FAILED,
    CANCELLED;

    /** As clients read it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public boolean isFinal() {
      return this != QUEUED && this != RUNNING;
    }
  }

  /** Does the work; told to stop by the job, which is its listener. */
  @FunctionalInterface
  public interface Work {
    JobResult run(Job job) throws Exception;
  }

  /**
   * A look at a job.
   *
   * @param version one more at every change
   * @param stage what is being done
   * @param done steps of the stage
   * @param steps of the stage
   * @param fraction of the whole, 0 to 1
   * @param preview the latest, with the version at which it came
   * @param result there if it is done
   * @param failure there if it failed
   */
  public record Snapshot(
      long version,
      State state,
      String stage,
      int done,
      int steps,
      double fraction,
      Optional<Preview> preview,
      Optional<JobResult> result,
      Refusal failure) {}

  /** What is becoming of a picture, as a JPEG. */
  public record Preview(long version, int step, byte[] jpeg) {}

  /**
   * @param settings what was asked for, as clients see it
   * @param mask where the picture may change, if that was chosen
   * @param previewEvery steps between previews; 0 for none
   */
  public Job(
      Kind kind, ObjectNode settings, Optional<BufferedImage> mask, int previewEvery, Work work) {
    this.kind = kind;
    this.settings = settings;
    this.mask = mask;
    this.previewEvery = previewEvery;
    this.work = work;
  }

  public String id() {
    return id;
  }

  public Kind kind() {
    return kind;
  }

  public ObjectNode settings() {
    return settings;
  }

  public Optional<BufferedImage> mask() {
    return mask;
  }

  public Instant asked() {
    return asked;
  }

  /** How long the work took, or has taken so far. */
  public synchronized Duration time() {
    return started != null && now.state == State.RUNNING
        ? Duration.between(started, Instant.now())
        : time;
  }

  // ------------------------------------------------------------------ watching

  public synchronized Snapshot look() {
    return now;
  }

  /** Waits until something has changed since a version, or the time is up. */
  public synchronized Snapshot await(long version, long millis) throws InterruptedException {
    long deadline = System.nanoTime() + millis * 1_000_000;
    while (now.version <= version && !now.state.isFinal()) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        break;
      }
      wait(left);
    }
    return now;
  }

  /** Says whether the job goes on once nobody follows it any longer, which by default it does. */
  public synchronized Job keptWhenLeft(boolean wanted) {
    kept = wanted;
    return this;
  }

  public synchronized void follow() {
    followers++;
  }

  public synchronized void leave() {
    followers--;
  }

  /** Whether nobody follows it who would have to for it to go on. */
  public synchronized boolean isAbandoned() {
    return !kept && followers == 0 && !now.state.isFinal();
  }

  long bytes() {
    return look().result().map(JobResult::bytes).orElse(0L) + mask.map(Output::size).orElse(0L);
  }

  // ------------------------------------------------------------------ working

  JobResult work() throws Exception {
    Work mine;
    synchronized (this) {
      mine = work;
    }
    return mine.run(this);
  }

  /** What follows is a part of the whole work: it begins at a fraction and takes so much. */
  public synchronized void part(double begin, double length) {
    from = begin;
    share = length;
  }

  synchronized void start() {
    started = Instant.now();
    change(State.RUNNING, "starting", 0, 0, 0, Optional.empty(), null);
  }

  synchronized void finish(State end, Optional<JobResult> result, Refusal failure) {
    work = null; // with the pictures that it holds
    if (started != null) {
      time = Duration.between(started, Instant.now());
    }
    double fraction = end == State.DONE ? 1 : now.fraction;
    change(end, end.word(), now.done, now.steps, fraction, result, failure);
  }

  private void change(
      State state,
      String stage,
      int done,
      int steps,
      double fraction,
      Optional<JobResult> result,
      Refusal failure) {
    Optional<Preview> preview = state.isFinal() ? Optional.empty() : now.preview;
    now =
        new Snapshot(
            now.version + 1, state, stage, done, steps, fraction, preview, result, failure);
    notifyAll();
  }

  void cancel() {
    token.cancel();
  }

  @Override
  public boolean isCancelled() {
    return token.isCancelled();
  }

  @Override
  public synchronized void progressed(Progress progress) {
    change(
        State.RUNNING,
        progress.stage().name().toLowerCase(Locale.ROOT),
        progress.done(),
        progress.steps(),
        from + share * progress.fraction(),
        Optional.empty(),
        null);
  }

  @Override
  public int previewEvery() {
    return previewEvery;
  }

  @Override
  public int decodeEvery() {
    return DECODE_EVERY;
  }

  @Override
  public void previewed(Progress progress, BufferedImage preview) {
    byte[] jpeg = Output.encoded(preview, "jpeg", ImmutableMap.of());
    synchronized (this) {
      long version = now.version + 1;
      now =
          new Snapshot(
              version,
              now.state,
              now.stage,
              now.done,
              now.steps,
              now.fraction,
              Optional.of(new Preview(version, progress.done(), jpeg)),
              now.result,
              now.failure);
      notifyAll();
    }
  }
}
