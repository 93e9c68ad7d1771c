package io.github.pix2pixzero.tensor.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.pix2pixzero.tensor.random.PhiloxGenerator;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchLoaderTest {
  private static List<Integer> decode(int[] items, PhiloxGenerator random) {
    List<Integer> batch = new ArrayList<>(IntStream.of(items).boxed().toList());
    batch.add(random.nextInt(1_000_000));
    return batch;
  }

  private static List<List<Integer>> batches(int size, int batch, int ahead, long from, int count)
      throws IOException {
    List<List<Integer>> batches = new ArrayList<>();
    try (BatchLoader<List<Integer>> loader =
        new BatchLoader<>(size, batch, 3, ahead, from, BatchLoaderTest::decode)) {
      for (int i = 0; i < count; i++) {
        assertThat(loader.step()).isEqualTo(from + i);
        batches.add(loader.next());
      }
    }
    return batches;
  }

  @Test
  void aStepsBatchIsTheSameHoweverItIsReached() throws IOException {
    List<List<Integer>> whole = batches(7, 3, 1, 0, 20);
    assertThat(batches(7, 3, 5, 0, 20)).isEqualTo(whole);
    assertThat(batches(7, 3, 2, 13, 7)).isEqualTo(whole.subList(13, 20));
  }

  @Test
  void anEpochHasEveryItemOnceInAnOrderOfItsOwn() throws IOException {
    List<Integer> items = new ArrayList<>();
    for (List<Integer> batch : batches(7, 3, 1, 0, 7)) {
      items.addAll(batch.subList(0, 3));
    }
    for (int epoch = 0; epoch < 3; epoch++) {
      assertThat(items.subList(7 * epoch, 7 * epoch + 7))
          .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
    }
    assertThat(items.subList(0, 7)).isNotEqualTo(items.subList(7, 14));
  }

  @Test
  void whatCannotBeReadIsThrownWhereItIsAskedForAndTriedAgain() throws IOException {
    AtomicInteger tries = new AtomicInteger();
    try (BatchLoader<Integer> loader =
        new BatchLoader<>(
            4,
            1,
            3,
            1,
            0,
            (items, random) -> {
              if (tries.incrementAndGet() == 2) {
                throw new FileNotFoundException("pair 1");
              }
              return items[0];
            })) {
      int first = loader.next();
      assertThatIOException().isThrownBy(loader::next).withMessage("pair 1");
      assertThat(loader.step()).isEqualTo(1);
      assertThat(List.of(first, loader.next(), loader.next(), loader.next()))
          .containsExactlyInAnyOrder(0, 1, 2, 3);
    }
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BatchLoader<>(0, 1, 3, 1, 0, BatchLoaderTest::decode))
        .withMessage("there are no items to load");
    BatchLoader<List<Integer>> loader = new BatchLoader<>(1, 1, 3, 1, 0, BatchLoaderTest::decode);
    loader.close();
    assertThatIllegalStateException().isThrownBy(loader::next).withMessage("the loader is closed");
  }
}
