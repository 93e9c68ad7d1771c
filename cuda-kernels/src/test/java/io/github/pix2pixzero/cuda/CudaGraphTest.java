package io.github.pix2pixzero.cuda;

import static io.github.pix2pixzero.tensor.testing.Tensors.assertClose;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Storage;
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
  void aClosedGraphIsRefused() {
    CudaGraph graph = backend.record(() -> {});
    graph.replay();
    graph.close();
    graph.close();
    assertThatThrownBy(graph::replay).hasMessage("the graph is closed");
  }
}
