package io.github.pix2pixzero.tensor.internal.cpu;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

/**
 * Threads that share the tasks of a kernel with the thread that calls it. Which thread runs a task
 * must not matter to the result: a kernel splits its work by its sizes alone, never by the number
 * of threads.
 *
 * <p>A kernel of a small model takes tens of microseconds, less than waking a thread does; so idle
 * threads look for work a little while before they sleep. That is why there are never more than
 * {@value #PER_PROCESSOR} a processor, whatever number is asked for: more can only take turns, and
 * each that looks for work takes the time of one that has some (64 on two processors make a small
 * kernel ten times slower, 1024 a hundred times).
 */
public final class Workers {
  private static final int PER_PROCESSOR = 4;
  private static final Map<Integer, Workers> SHARED = new ConcurrentHashMap<>();
  private static final long SPIN_NANOS = 100_000;
  private static final int MAX_SPINS = 10_000;
  private static final long NAP_NANOS = 1_000;

  private final Queue<Job> jobs = new ConcurrentLinkedQueue<>();
  private final Thread[] helpers;
  private final AtomicInteger asleep = new AtomicInteger();

  private Workers(int threads) {
    helpers = new Thread[threads - 1];
    for (int i = 0; i < helpers.length; i++) {
      helpers[i] = new Thread(this::help, "pix2pix-zero-worker-" + (i + 1));
      helpers[i].setDaemon(true);
      helpers[i].start();
    }
  }

  /**
   * The workers that make {@code threads} together with the caller, or as many as are of use,
   * started on first use.
   */
  public static Workers of(int threads) {
    checkArgument(threads > 0, "a backend needs at least one thread, got %s", threads);
    int useful = PER_PROCESSOR * Runtime.getRuntime().availableProcessors();
    return SHARED.computeIfAbsent(Math.min(threads, useful), Workers::new);
  }

  public int threads() {
    return helpers.length + 1;
  }

  /** Work on the part {@code from} (inclusive) to {@code to} (exclusive) of a range. */
  @FunctionalInterface
  public interface Range {
    void run(int from, int to);
  }

  /** Cuts {@code size} into parts of at most {@code grain} and runs them. */
  public void range(int size, int grain, Range body) {
    int parts = (size + grain - 1) / grain;
    run(parts, part -> body.run(part * grain, Math.min(size, (part + 1) * grain)));
  }

  /**
   * Runs {@code task} for 0 … tasks - 1 and returns when all are done. What a task throws is thrown
   * here.
   */
  public void run(int tasks, IntConsumer task) {
    if (tasks <= 1 || helpers.length == 0) {
      for (int i = 0; i < tasks; i++) {
        task.accept(i);
      }
      return;
    }
    Job job = new Job(tasks, task);
    jobs.add(job);
    if (asleep.get() > 0) {
      for (Thread helper : helpers) {
        LockSupport.unpark(helper);
      }
    }
    job.work();
    jobs.remove(job);
    for (int spins = 0; job.unfinished.get() > 0; spins++) {
      if (spins < MAX_SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(NAP_NANOS); // the helper may be waiting for this very processor
      }
    }
    if (job.failure != null) {
      throw job.failure;
    }
  }

  private void help() {
    long idleSince = System.nanoTime();
    while (true) {
      Job job = jobs.peek();
      if (job != null && job.work()) {
        idleSince = System.nanoTime();
      } else if (System.nanoTime() - idleSince < SPIN_NANOS) {
        Thread.onSpinWait();
      } else {
        asleep.incrementAndGet();
        if (jobs.isEmpty()) {
          LockSupport.park(this);
        }
        asleep.decrementAndGet();
        idleSince = System.nanoTime();
      }
    }
  }

  private final class Job {
    final int tasks;
    final IntConsumer task;
    final AtomicInteger next = new AtomicInteger();
    final AtomicInteger unfinished;
    volatile RuntimeException failure;

    Job(int tasks, IntConsumer task) {
      this.tasks = tasks;
      this.task = task;
      this.unfinished = new AtomicInteger(tasks);
    }

    /** Runs tasks until none is left to start; says whether there was one. */
    boolean work() {
      boolean worked = false;
      for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
        worked = true;
        try {
          task.accept(i);
        } catch (RuntimeException e) {
          failure = e;
        } catch (Error e) {
          failure = new IllegalStateException(e);
        } finally {
          unfinished.decrementAndGet();
        }
      }
      if (!worked) {
        jobs.remove(this);
      }
      return worked;
    }
  }
}
