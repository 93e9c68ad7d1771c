package io.github.pix2pixzero.server.internal.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.github.pix2pixzero.PictureParameters;
import io.github.pix2pixzero.Progress;
import io.github.pix2pixzero.server.internal.http.Json;
import io.github.pix2pixzero.server.internal.http.Refusal;
import io.github.pix2pixzero.server.internal.jobs.Job.Snapshot;
import io.github.pix2pixzero.server.internal.jobs.Job.State;
import java.awt.image.BufferedImage;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobQueueTest {
  private static final JobResult NOTHING =
      new JobResult(ImmutableList.of(), Optional.empty(), Optional.empty(), false, "");

  private final CountDownLatch gate = new CountDownLatch(1);
  private JobQueue queue = new JobQueue(1, 3, 10, 1 << 20);

  @AfterEach
  void close() throws InterruptedException {
    gate.countDown();
    queue.close(Duration.ofSeconds(5));
  }

  private static Job job(Job.Work work) {
    return new Job(Job.Kind.EDIT, Json.object(), Optional.empty(), 0, work);
  }

  private Job blocked() {
    return job(
        job -> {
          while (!gate.await(5, TimeUnit.MILLISECONDS)) {
            if (job.isCancelled()) {
              throw new CancellationException();
            }
          }
          return NOTHING;
        });
  }

  private static Snapshot end(Job job) throws InterruptedException {
    Snapshot now = job.look();
    while (!now.state().isFinal()) {
      now = job.await(now.version(), 10_000);
    }
    return now;
  }

  private static void awaitStart(Job job) throws InterruptedException {
    while (job.look().state() == State.QUEUED) {
      job.await(job.look().version(), 1000);
    }
  }

  @Test
  void aFullQueueSaysWhenToComeAgain() throws InterruptedException {
    awaitStart(queue.submit(blocked()));
    for (int i = 0; i < 3; i++) {
      assertThat(queue.position(queue.submit(blocked()))).isEqualTo(i + 1);
    }
    assertThatThrownBy(() -> queue.submit(blocked()))
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> {
              assertThat(refusal.status()).isEqualTo(429);
              assertThat(Integer.parseInt(refusal.headers().get("Retry-After"))).isPositive();
            });
  }

  @Test
  void whatWaitsIsCancelledAtOnce() throws InterruptedException {
    awaitStart(queue.submit(blocked()));
    Job second = queue.submit(blocked());
    queue.cancel(second);
    assertThat(second.look().state()).isEqualTo(State.CANCELLED);
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void whatRunsIsCancelledAtItsNextStep() throws InterruptedException {
    Job job = queue.submit(blocked());
    awaitStart(job);
    queue.cancel(job);
    assertThat(end(job).state()).isEqualTo(State.CANCELLED);
    assertThat(queue.running()).isZero();
  }

  /** Its last step may have begun. */
  @Test
  void whatIsCancelledTooLateIsCancelledAllTheSame() throws InterruptedException {
    Job job =
        queue.submit(
            job(
                running -> {
                  gate.await();
                  return NOTHING;
                }));
    awaitStart(job);
    queue.dismiss(job);
    gate.countDown();
    assertThat(end(job).state()).isEqualTo(State.CANCELLED);
    queue.dismiss(job);
    assertThat(queue.find(job.id())).isEmpty();
  }

  @Test
  void failuresSayNoMoreThanTheyShould() throws InterruptedException {
    Job wrong =
        queue.submit(
            job(
                job -> {
                  throw new IllegalArgumentException("the mask is too small");
                }));
    assertThat(end(wrong).failure().status()).isEqualTo(400);
    assertThat(end(wrong).failure()).hasMessage("the mask is too small");
    Job broken =
        queue.submit(
            job(
                job -> {
                  throw new IllegalStateException("/secret/path");
                }));
    assertThat(end(broken).failure().status()).isEqualTo(500);
    assertThat(end(broken).failure().getMessage()).doesNotContain("secret");
  }

  @Test
  void oneFailureLeavesTheWorkerAtWork() throws InterruptedException {
    Job error =
        queue.submit(
            job(
                job -> {
                  throw new OutOfMemoryError("for a test");
                }));
    assertThat(end(error).state()).isEqualTo(State.FAILED);
    assertThat(end(queue.submit(job(job -> NOTHING))).state()).isEqualTo(State.DONE);
  }

  @Test
  void finishedJobsAreBoundedByCount() throws InterruptedException {
    List<Job> jobs = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      Job job = queue.submit(job(running -> NOTHING));
      jobs.add(job);
      end(job);
    }
    assertThat(queue.kept()).isEqualTo(10);
    assertThat(queue.find(jobs.get(0).id())).isEmpty();
    assertThat(queue.find(jobs.get(14).id())).isPresent();
  }

  @Test
  void finishedJobsAreBoundedByBytes() throws InterruptedException {
    BufferedImage image = new BufferedImage(256, 256, BufferedImage.TYPE_INT_RGB); // 256 KiB
    for (int i = 0; i < 9; i++) {
      end(queue.submit(job(job -> with(image))));
    }
    assertThat(queue.kept()).isEqualTo(4);
    assertThat(queue.keptBytes()).isEqualTo(1 << 20);
  }

  /** The picture before and the mask count as well. */
  @Test
  void sourcesAndMasksCount() throws InterruptedException {
    BufferedImage image = new BufferedImage(256, 256, BufferedImage.TYPE_INT_RGB);
    JobResult result =
        new JobResult(ImmutableList.of(), Optional.of(image), Optional.empty(), false, "");
    Job job = new Job(Job.Kind.EDIT, Json.object(), Optional.of(image), 0, running -> result);
    end(queue.submit(job));
    assertThat(queue.keptBytes()).isEqualTo(2 * 4 * 256 * 256);
    queue.dismiss(job);
    assertThat(queue.keptBytes()).isZero();
  }

  /** Whoever waits for a job may hear of its end before the queue keeps it. */
  @Test
  void whatIsForgottenAsSoonAsItIsOverStaysForgotten() throws InterruptedException {
    for (int i = 0; i < 2000; i++) {
      Job job = queue.submit(job(running -> NOTHING));
      end(job);
      queue.dismiss(job);
      assertThat(queue.find(job.id())).isEmpty();
    }
    assertThat(queue.kept()).isZero();
  }

  /** Pictures that are at work would else stay with what is kept of it. */
  @Test
  void whatIsOverHoldsNothingOfItsWork() throws InterruptedException {
    Job job = holding(new byte[1 << 20]);
    end(queue.submit(job));
    assertThat(job.look().preview()).isEmpty();
    for (int i = 0; i < 100 && held.get() != null; i++) {
      collect();
      Thread.sleep(10);
    }
    assertThat(held.get()).isNull();
  }

  private WeakReference<byte[]> held;

  private Job holding(byte[] memory) {
    held = new WeakReference<>(memory);
    return job(
        job -> {
          BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
          job.previewed(new Progress(Progress.Stage.EDIT, memory.length >> 20, 1, 1, 1, 1), image);
          assertThat(job.look().preview()).isPresent();
          return NOTHING;
        });
  }

  @SuppressWarnings("System.gc") // what is asked is what remains
  private static void collect() {
    System.gc();
  }

  private static JobResult with(BufferedImage image) {
    PictureParameters none = new PictureParameters("", "", ImmutableMap.of());
    return new JobResult(
        ImmutableList.of(new Output(image, none, 0)),
        Optional.empty(),
        Optional.empty(),
        false,
        "");
  }

  @Test
  void severalRunAtOnce() throws InterruptedException {
    queue.close(Duration.ofSeconds(1));
    queue = new JobQueue(3, 16, 10, 1 << 20);
    AtomicInteger most = new AtomicInteger();
    AtomicInteger now = new AtomicInteger();
    List<Job> jobs = new ArrayList<>();
    CountDownLatch three = new CountDownLatch(3);
    for (int i = 0; i < 6; i++) {
      jobs.add(
          queue.submit(
              job(
                  job -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    three.countDown();
                    three.await(5, TimeUnit.SECONDS);
                    now.decrementAndGet();
                    return NOTHING;
                  })));
    }
    for (Job job : jobs) {
      assertThat(end(job).state()).isEqualTo(State.DONE);
    }
    assertThat(most).hasValue(3);
  }

  @Test
  void closingCancelsAndCounts() throws InterruptedException {
    Job running = queue.submit(blocked());
    awaitStart(running);
    Job waiting = queue.submit(blocked());
    assertThat(queue.close(Duration.ofSeconds(5))).isEqualTo(2);
    for (Job job : new Job[] {running, waiting}) {
      assertThat(job.look().state()).isEqualTo(State.CANCELLED);
      assertThat(job.look().failure().status()).isEqualTo(503);
      assertThat(job.look().failure().headers()).containsKey("Retry-After");
    }
    assertThatThrownBy(() -> queue.submit(blocked())).hasMessageContaining("stopping");
  }
}
