package io.github.pix2pixzero.tensor.internal.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkersTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void everyTaskRunsOnce(int threads) {
    Workers workers = Workers.of(threads);
    assertThat(workers.threads()).isEqualTo(threads);
    for (int tasks : new int[] {0, 1, 2, 7, 1000}) {
      AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
      workers.run(tasks, runs::incrementAndGet);
      assertThat(IntStream.range(0, tasks).map(runs::get)).allMatch(count -> count == 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aRangeIsCoveredInPartsOfTheGrain(int threads) {
    for (int size : new int[] {0, 1, 9, 10, 11, 97}) {
      AtomicIntegerArray runs = new AtomicIntegerArray(size);
      Workers.of(threads)
          .range(
              size,
              10,
              (from, to) -> {
                assertThat(from % 10).isZero();
                assertThat(to - from).isBetween(1, 10);
                IntStream.range(from, to).forEach(runs::incrementAndGet);
              });
      assertThat(IntStream.range(0, size).map(runs::get)).allMatch(count -> count == 1);
    }
  }

  @Test
  void helpersTakePart() {
    ConcurrentHashMap<Thread, Boolean> threads = new ConcurrentHashMap<>();
    AtomicInteger arrived = new AtomicInteger();
    Workers.of(2)
        .run(
            2,
            task -> {
              threads.put(Thread.currentThread(), true);
              arrived.incrementAndGet();
              while (arrived.get() < 2) { // needs the other thread to go on
                Thread.onSpinWait();
              }
            });
    assertThat(threads).hasSize(2).containsKey(Thread.currentThread());
  }

  @Test
  void helpersWakeFromSleep() {
    for (int round = 0; round < 20; round++) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2)); // longer than helpers spin
      helpersTakePart();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whatATaskThrowsIsThrownAndTheOthersRun(int threads) {
    AtomicInteger runs = new AtomicInteger();
    assertThatThrownBy(
            () ->
                Workers.of(threads)
                    .run(
                        50,
                        task -> {
                          runs.incrementAndGet();
                          if (task == 49) {
                            throw new IllegalArgumentException("task " + task);
                          }
                        }))
        .hasMessageContaining("task 49");
    assertThat(runs).hasValue(50);
    everyTaskRunsOnce(threads);
  }

  @Test
  void errorsAreThrownToo() {
    assertThatThrownBy(
            () ->
                Workers.of(3)
                    .run(
                        10,
                        task -> {
                          throw new AssertionError("broken");
                        }))
        .hasStackTraceContaining("broken");
  }

  @Test
  void tasksMayHaveTasks() {
    AtomicInteger runs = new AtomicInteger();
    Workers workers = Workers.of(3);
    workers.run(10, outer -> workers.run(10, inner -> runs.incrementAndGet()));
    assertThat(runs).hasValue(100);
  }

  @Test
  void severalThreadsMayCallAtOnce() {
    AtomicInteger runs = new AtomicInteger();
    CompletableFuture<?>[] callers = new CompletableFuture<?>[4];
    for (int i = 0; i < callers.length; i++) {
      callers[i] =
          CompletableFuture.runAsync(
              () -> {
                for (int round = 0; round < 200; round++) {
                  Workers.of(3).run(5, task -> runs.incrementAndGet());
                }
              });
    }
    CompletableFuture.allOf(callers).join();
    assertThat(runs).hasValue(4 * 200 * 5);
  }

  @Test
  void moreThanAreOfUseAreNotStarted() {
    int most = Workers.of(100_000).threads();
    assertThat(most).isBetween(2, 4 * Runtime.getRuntime().availableProcessors());
    assertThat(Workers.of(1024)).isSameAs(Workers.of(most));
    everyTaskRunsOnce(most);
  }

  @Test
  void workersOfANumberAreShared() {
    assertThat(Workers.of(2)).isSameAs(Workers.of(2));
    assertThatThrownBy(() -> Workers.of(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 0");
  }
}
