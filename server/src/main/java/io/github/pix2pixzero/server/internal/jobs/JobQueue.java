package io.github.pix2pixzero.server.internal.jobs;

import com.google.common.collect.ImmutableList;
import io.github.pix2pixzero.server.internal.http.Refusal;
import io.github.pix2pixzero.server.internal.jobs.Job.State;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does jobs in the order in which they came, a few at once. It holds no more than so many that
 * wait, and of those that are over the last, bounded by count and bytes.
 */
public final class JobQueue {
  private static final Logger LOG = LoggerFactory.getLogger(JobQueue.class);

  private static final Refusal STOPPING =
      new Refusal(503, "the server is stopping").with("Retry-After", "30");

  /** How much the latest job counts for what one takes. */
  private static final double NEWS = 0.3;

  private final int parallel;
  private final int capacity;
  private final Deque<Job> waiting = new ArrayDeque<>();
  private final Map<String, Job> running = new LinkedHashMap<>();
  private final BoundedCache<String, Job> finished;
  private final List<Thread> workers = new ArrayList<>();
  private double secondsOfOne = 1;
  private boolean closed;

  /**
   * @param parallel jobs done at once
   * @param capacity jobs that may wait
   * @param kept finished jobs that are kept
   * @param keptBytes bytes of their pictures
   */
  public JobQueue(int parallel, int capacity, int kept, long keptBytes) {
    this.parallel = parallel;
    this.capacity = capacity;
    finished = new BoundedCache<>(kept, keptBytes, Job::bytes);
    for (int i = 1; i <= parallel; i++) {
      Thread worker = new Thread(this::work, "edits-" + i);
      worker.setDaemon(true);
      worker.start();
      workers.add(worker);
    }
  }

  /**
   * Puts a job into the queue.
   *
   * @throws Refusal 429 if too many are waiting, 503 if the server is about to end
   */
  public synchronized Job submit(Job job) {
    if (closed) {
      throw STOPPING;
    }
    if (waiting.size() >= capacity) {
      long seconds = Math.max(1, Math.round(secondsOfOne * waiting.size() / parallel));
      throw new Refusal(429, "%s jobs are waiting already; try again later".formatted(capacity))
          .with("Retry-After", Long.toString(seconds));
    }
    waiting.add(job);
    notifyAll();
    return job;
  }

  public synchronized Optional<Job> find(String id) {
    return waiting.stream()
        .filter(job -> job.id().equals(id))
        .findFirst()
        .or(() -> Optional.ofNullable(running.get(id)))
        .or(() -> finished.get(id));
  }

  /** All jobs there are: those that are over, those at work, those that wait. */
  public synchronized ImmutableList<Job> list() {
    return ImmutableList.<Job>builder()
        .addAll(finished.values())
        .addAll(running.values())
        .addAll(waiting)
        .build();
  }

  /** How many jobs are before one that waits; 0 if it does not. */
  public synchronized int position(Job wanted) {
    int position = 1;
    for (Job job : waiting) {
      if (job == wanted) {
        return position;
      }
      position++;
    }
    return 0;
  }

  public synchronized int waiting() {
    return waiting.size();
  }

  public synchronized int running() {
    return running.size();
  }

  public synchronized int kept() {
    return finished.count();
  }

  public synchronized long keptBytes() {
    return finished.bytes();
  }

  /** Ends a job: at once if it waits, before its next step if it runs. */
  public synchronized void cancel(Job job) {
    job.cancel();
    if (waiting.remove(job)) {
      cancelled(job);
    }
  }

  /** Ends a job as {@link #cancel} does, or forgets it if it is over. */
  public synchronized void dismiss(Job job) {
    if (job.look().state().isFinal()) {
      finished.remove(job.id());
    } else {
      cancel(job);
    }
  }

  /**
   * Takes no more jobs, cancels those that wait and those that run, and waits for these to end.
   * Whoever waits for one hears 503.
   *
   * @return how many were cancelled
   */
  public int close(Duration patience) throws InterruptedException {
    int count;
    synchronized (this) {
      closed = true;
      ImmutableList<Job> unfinished =
          ImmutableList.<Job>builder().addAll(running.values()).addAll(waiting).build();
      unfinished.forEach(this::cancel);
      count = unfinished.size();
      notifyAll();
    }
    long deadline = System.nanoTime() + patience.toNanos();
    for (Thread worker : workers) {
      worker.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
    }
    return count;
  }

  // ------------------------------------------------------------------ the workers

  private void work() {
    try {
      for (Optional<Job> job = take(); job.isPresent(); job = take()) {
        run(job.get());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Optional<Job> take() throws InterruptedException {
    while (waiting.isEmpty()) {
      if (closed) {
        return Optional.empty();
      }
      wait();
    }
    Job job = waiting.remove();
    running.put(job.id(), job);
    job.start();
    return Optional.of(job);
  }

  private void run(Job job) {
    try {
      done(job, job.work());
    } catch (CancellationException e) {
      cancelled(job);
    } catch (Refusal e) {
      end(job, State.FAILED, Optional.empty(), e);
    } catch (IllegalArgumentException e) {
      end(job, State.FAILED, Optional.empty(), new Refusal(400, String.valueOf(e.getMessage())));
    } catch (ArithmeticException e) {
      end(job, State.FAILED, Optional.empty(), new Refusal(422, String.valueOf(e.getMessage())));
    } catch (Exception | OutOfMemoryError | StackOverflowError e) {
      LOG.error("a job failed", e);
      end(
          job,
          State.FAILED,
          Optional.empty(),
          new Refusal(500, "the work failed; the server's log says why"));
    }
  }

  /**
   * The end of work; that of a job that was told to end and came too far to notice is no result.
   */
  private synchronized void done(Job job, JobResult result) {
    if (job.isCancelled()) {
      cancelled(job);
    } else {
      end(job, State.DONE, Optional.of(result), null);
    }
  }

  private synchronized void cancelled(Job job) {
    end(job, State.CANCELLED, Optional.empty(), closed ? STOPPING : null);
  }

  private synchronized void end(Job job, State state, Optional<JobResult> result, Refusal failure) {
    running.remove(job.id());
    job.finish(state, result, failure);
    if (state == State.DONE) {
      secondsOfOne += NEWS * (job.time().toMillis() / 1000.0 - secondsOfOne);
    }
    finished.put(job.id(), job);
  }
}
