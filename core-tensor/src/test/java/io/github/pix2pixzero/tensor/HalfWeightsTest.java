package io.github.pix2pixzero.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.internal.vector.VectorBackend;
import io.github.pix2pixzero.tensor.io.StoredType;
import io.github.pix2pixzero.tensor.ops.Conv2d;
import io.github.pix2pixzero.tensor.ops.Embedding;
import io.github.pix2pixzero.tensor.ops.Matmul;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Weights in half precision: what memory they take, and that threads may share them. */
class HalfWeightsTest {
  private static final int CALLERS = 6;

  static Stream<Backend> backends() {
    return Stream.of(new PlainBackend(2), new VectorBackend(2, 0));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void takeTwoBytesAnElementBeforeAndAfterUse(Backend backend) {
    Tensor matrix = halves(backend, StoredType.F16, 64, 48);
    Tensor kernel = halves(backend, StoredType.BF16, 3, 3, 48, 32);
    Tensor table = halves(backend, StoredType.F16, 10, 64);
    long bytes = 2L * (64 * 48 + 9 * 48 * 32 + 10 * 64);
    assertThat(backend.memory().live()).isEqualTo(bytes);

    for (int i = 0; i < 2; i++) {
      try (Scope scope = Scope.open()) {
        Tensor x = Tensors.random(backend, 1, 1, 9, 12, 64).variable();
        Tensor hidden = Matmul.linear(x, matrix, null);
        Tensor out = Conv2d.of(hidden, kernel, null, 1, Conv2d.Padding.all(1));
        Tensor loss = out.mul(out).sum().add(Embedding.of(table, 3, 9).sum());
        assertThat(Autograd.grad(loss, x)[0].toFloats()).doesNotContain(Float.NaN);
        assertThat(scope).isNotNull();
      }
      assertThat(backend.memory().live()).isEqualTo(bytes);
    }

    try (Scope scope = Scope.open()) {
      assertThat(matrix.add(1).size()).isEqualTo(64 * 48);
      assertThat(scope).isNotNull();
    }
    assertThat(backend.memory().live())
        .as("a kernel that wants floats makes floats of them")
        .isEqualTo(bytes + 2 * 64 * 48);
    for (Tensor weight : List.of(matrix, kernel, table)) {
      weight.storage().release();
    }
    assertThat(backend.memory().live()).isZero();
  }

  @Test
  void ofASmallModelAreKeptAsFloatsToo() {
    Backend backend = new VectorBackend(2, 2 * 64 * 48);
    Tensor x = Tensors.random(backend, 1, 9, 64);
    Tensor small = halves(backend, StoredType.F16, 64, 48);
    long before = backend.memory().live();
    float[] kept = product(x, small);
    assertThat(backend.memory().live()).isEqualTo(before + 4 * 64 * 48);

    Tensor more = halves(backend, StoredType.F16, 64, 48);
    before = backend.memory().live();
    assertThat(product(x, more)).isEqualTo(kept);
    assertThat(backend.memory().live()).isEqualTo(before);
  }

  private static float[] product(Tensor x, Tensor weight) {
    try (Scope scope = Scope.open()) {
      assertThat(scope).isNotNull();
      return Matmul.of(x, weight).toFloats();
    }
  }

  @Test
  void trimmingLeavesNothingPooled() {
    Backend backend = new PlainBackend(1);
    try (Scope scope = Scope.open()) {
      assertThat(Tensors.random(backend, 1, 9, 64).add(1).size()).isEqualTo(9 * 64);
      assertThat(scope).isNotNull();
    }
    assertThat(backend.memory().pooled()).isPositive();
    backend.trim();
    assertThat(backend.memory().pooled()).isZero();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void areForgottenOnceTheyAreGarbage(Backend backend) throws InterruptedException {
    Tensor held = halves(backend, StoredType.F16, 7);
    assertThat(halves(backend, StoredType.F16, 100, 10).add(0).size()).isEqualTo(1000);
    assertThat(halves(backend, StoredType.F16, 1000).size()).isEqualTo(1000);
    for (int i = 0; i < 100 && backend.memory().live() > 14; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(backend.memory().live()).isEqualTo(14);
    assertThat(held.size()).isEqualTo(7);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void mayBeUsedForTheFirstTimeByManyAtOnce(Backend backend) throws Exception {
    for (StoredType type : new StoredType[] {StoredType.F16, StoredType.F32}) {
      Tensor weight = halves(backend, type, 70, 70);
      Tensor x = Scope.outlive(Tensors.random(backend, 1, 33, 70));
      float[] product = Matmul.of(x, halves(backend, type, 70, 70)).toFloats();
      float[] turned = Matmul.of(x, halves(backend, type, 70, 70), false, true).toFloats();
      float[] sum = halves(backend, type, 70, 70).add(1).toFloats();
      CyclicBarrier start = new CyclicBarrier(CALLERS);
      List<Callable<float[]>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        int way = i % 3;
        callers.add(
            () -> {
              start.await();
              try (Scope scope = Scope.open()) {
                assertThat(scope).isNotNull();
                return switch (way) {
                  case 0 -> Matmul.of(x, weight).toFloats();
                  case 1 -> Matmul.of(x, weight, false, true).toFloats();
                  default -> weight.add(1).toFloats();
                };
              }
            });
      }
      ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
      try {
        List<Future<float[]>> results = threads.invokeAll(callers);
        for (int i = 0; i < CALLERS; i += 3) {
          assertThat(results.get(i).get()).isEqualTo(product);
          assertThat(results.get(i + 1).get()).isEqualTo(turned);
          assertThat(results.get(i + 2).get()).isEqualTo(sum);
        }
      } finally {
        threads.shutdown();
      }
    }
  }

  @Test
  void bytesMustFillTheShape() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Tensor.constant(new PlainBackend(1), StoredType.F16, ByteBuffer.allocate(10), 2, 3))
        .withMessage("10 bytes of F16 do not fill [2, 3]");
  }

  /** Numbers around 1. */
  private static Tensor halves(Backend backend, StoredType type, int... dims) {
    int size = Shape.of(dims).size();
    ByteBuffer bytes = ByteBuffer.allocate(size * type.byteSize()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < size; i++) {
      switch (type) {
        case F16 -> bytes.putShort((short) (0x3c00 + i * 7 % 500));
        case BF16 -> bytes.putShort((short) (0x3f80 + i * 7 % 60));
        default -> bytes.putFloat(1 + i * 7 % 500 / 1024f);
      }
    }
    return Scope.outlive(Tensor.constant(backend, type, bytes.rewind(), dims));
  }
}
