package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Repeatable;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.Unary;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CudaGraphTest {
  private final CudaBackend backend = new CudaBackend(Precision.FLOAT32);

  @Test
  void aReplayComputesFromWhatTheStoragesHoldThen() {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(backend, random(1, 12), 3, 4);
      Tensor w = Tensor.of(backend, random(2, 20), 4, 5);
      Tensor[] result = new Tensor[1];
      try (CudaGraph graph =
          backend.record(
              () -> {
                try (Scope step = Scope.open()) {
                  result[0] = step.keep(x.matmul(w).add(1f).square());
                }
              })) {
        for (int seed = 3; seed < 6; seed++) {
          float[] input = random(seed, 12);
          backend.upload(input, 0, x.storage());
          graph.replay();
          Tensor expected = Tensor.of(backend, input, 3, 4).matmul(w).add(1f).square();
          assertClose(result[0], expected, 0);
        }
      }
    }
  }

  @Test
  void aFailureLeavesTheDeviceUsable() {
    assertThatThrownBy(
            () ->
                backend.record(
                    () -> {
                      throw new IllegalStateException("on purpose");
                    }))
        .hasMessage("on purpose");
    Storage x = backend.allocate(3);
    backend.fill(2f, x);
    float[] values = new float[3];
    backend.download(x, values, 0);
    assertThat(values).containsOnly(2f);
    x.release();
  }

  @Test
  void repeatedWorkIsDoneTwiceAndThenReplayed() {
    assertThat(timesDone(5, y -> {})).isEqualTo(2);
  }

  @Test
  void workThatCopiesToTheHostIsDoneEachTime() {
    assertThat(timesDone(5, this::values)).isEqualTo(5);
  }

  /** How often work is done to its end that squares numbers, and then something else. */
  private int timesDone(int runs, Consumer<Storage> more) {
    int[] done = new int[1];
    Storage x = backend.allocate(12);
    Storage y = backend.allocate(12);
    Runnable work =
        () -> {
          backend.unary(Unary.SQUARE, 12, x, y);
          more.accept(y);
          done[0]++;
        };
    try (Repeatable repeatable = backend.repeatable(work).orElseThrow()) {
      for (int seed = 1; seed <= runs; seed++) {
        float[] input = random(seed, 12);
        backend.upload(input, 0, x);
        repeatable.run();
        assertThat(values(y)).isEqualTo(squares(input));
      }
    }
    x.release();
    y.release();
    return done[0];
  }

  private float[] values(Storage storage) {
    float[] values = new float[storage.size()];
    backend.download(storage, values, 0);
    return values;
  }

  private static float[] squares(float[] values) {
    float[] squares = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      squares[i] = values[i] * values[i];
    }
    return squares;
  }

  /** What a storage holds when its graph closes goes back to the pool when it is released. */
  @Test
  void memoryOutlivesItsGraph() {
    Storage[] kept = new Storage[1];
    CudaGraph graph = backend.record(() -> kept[0] = backend.allocate(1 << 16));
    graph.close();
    long before = backend.memory().live();
    kept[0].release();
    assertThat(backend.memory().live()).isEqualTo(before - (1 << 18));
  }

  @Test
  void aClosedGraphIsRefused() {
    CudaGraph graph = backend.record(() -> {});
    graph.replay();
    graph.close();
    graph.close();
    assertThatThrownBy(graph::replay).hasMessage("the graph is closed");
  }
}
