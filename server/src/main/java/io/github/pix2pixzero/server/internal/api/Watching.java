package io.github.pix2pixzero.server.internal.api;

import io.github.pix2pixzero.server.internal.http.ClientWatch;
import io.github.pix2pixzero.server.internal.http.EventStream;
import io.github.pix2pixzero.server.internal.http.Exchange;
import io.github.pix2pixzero.server.internal.http.Refusal;
import io.github.pix2pixzero.server.internal.jobs.Job;
import io.github.pix2pixzero.server.internal.jobs.Job.Preview;
import io.github.pix2pixzero.server.internal.jobs.Job.Snapshot;
import io.github.pix2pixzero.server.internal.jobs.JobQueue;
import io.github.pix2pixzero.server.internal.jobs.JobResult;
import java.io.IOException;

/** Requests that last as long as their job: a client that goes away cancels it. */
final class Watching {
  private static final long LOOK_MILLIS = 250;
  private static final long BEAT_NANOS = 5_000_000_000L;
  private static final long GRACE_NANOS = 5_000_000_000L;

  private Watching() {}

  /** Is shown each change. */
  @FunctionalInterface
  interface Sight {
    void seen(Snapshot now, boolean newPreview) throws IOException;
  }

  /**
   * Waits for a job whose result is the answer.
   *
   * @throws Refusal if it failed or was cancelled
   * @throws IOException if the client has gone away; the job is cancelled
   */
  static JobResult result(JobQueue queue, Job job, Exchange exchange)
      throws IOException, InterruptedException {
    ClientWatch watch = exchange.watch();
    Snapshot now = job.look();
    while (!now.state().isFinal()) {
      if (watch.isGone()) {
        queue.cancel(job);
        throw new IOException("the client has gone away");
      }
      now = job.await(now.version(), LOOK_MILLIS);
    }
    return result(now);
  }

  /** What a job that is over has made. */
  static JobResult result(Snapshot end) {
    if (end.failure() != null) {
      throw end.failure();
    }
    return end.result().orElseThrow(() -> new Refusal(409, "the job was cancelled"));
  }

  /**
   * Cancels a job that somebody has just left, unless it is to be kept, or followed again soon: a
   * browser whose connection breaks comes back after three seconds.
   */
  static void leave(JobQueue queue, Job job) throws InterruptedException {
    job.leave();
    long deadline = System.nanoTime() + GRACE_NANOS;
    while (job.isAbandoned()) {
      if (System.nanoTime() > deadline) {
        queue.cancel(job);
        return;
      }
      job.await(job.look().version(), LOOK_MILLIS);
    }
  }

  /**
   * Shows each change of a job until it is over.
   *
   * @return how it ended
   * @throws IOException if nobody is there to see it
   */
  static Snapshot follow(Job job, EventStream events, Sight sight)
      throws IOException, InterruptedException {
    long version = -1;
    long shown = -1;
    long beat = System.nanoTime();
    while (true) {
      Snapshot now = job.await(version, LOOK_MILLIS);
      events.check();
      if (now.version() > version) {
        long preview = now.preview().map(Preview::version).orElse(-1L);
        sight.seen(now, preview > shown);
        shown = Math.max(shown, preview);
        version = now.version();
        beat = System.nanoTime();
      } else if (System.nanoTime() - beat > BEAT_NANOS) {
        events.beat();
        beat = System.nanoTime();
      }
      if (now.state().isFinal()) {
        return now;
      }
    }
  }
}
