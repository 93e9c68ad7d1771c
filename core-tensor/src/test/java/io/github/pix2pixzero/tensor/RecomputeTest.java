package io.github.pix2pixzero.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.testing.GradientCheck;
import io.github.pix2pixzero.tensor.testing.OracleBackend;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class RecomputeTest {
  private final Backend backend = new PlainBackend(2);
  private final Tensor x = Tensors.random(backend, 1, 5, 6).variable();
  private final Tensor first = Tensors.random(backend, 2, 6, 7).variable();
  private final Tensor second = Tensors.random(backend, 3, 7, 6).variable();

  /** A residual block that captures its two weights. */
  private Tensor block(Tensor in) {
    return in.matmul(first).silu().matmul(second).softmax().add(in);
  }

  private static void assertSame(Tensor[] actual, Tensor[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i].shape()).isEqualTo(expected[i].shape());
      assertThat(actual[i].toFloats()).as("gradient %s", i).containsExactly(expected[i].toFloats());
    }
  }

  private Tensor[] gradients(Tensor out) {
    return Autograd.grad(out.square().sum(), x, first, second);
  }

  @Test
  void capturedWeightsGetTheSameBits() {
    Tensor expected = block(x);
    Tensor actual = Recompute.of(this::block, x);
    assertThat(actual.toFloats()).containsExactly(expected.toFloats());
    assertSame(gradients(actual), gradients(expected));
    assertSame(gradients(actual), gradients(expected)); // a graph may be differentiated again
  }

  @Test
  void weightsMayBePassed() {
    Tensor out =
        Recompute.ofAll(
            in -> in[0].matmul(in[1]).silu().matmul(in[2]).softmax().add(in[0]), x, first, second);
    assertSame(gradients(out), gradients(block(x)));
  }

  @Test
  void capturedIntermediateResultsAreNotCountedTwice() {
    // The block reads both `middle` and, beside it, what `middle` was computed from.
    Tensor middle = x.matmul(first);
    UnaryOperator<Tensor> reads = in -> middle.mul(in.matmul(first)).matmul(second).mul(x);
    assertSame(gradients(Recompute.of(reads, x.square())), gradients(reads.apply(x.square())));
  }

  @Test
  void theSameInputTwiceIsTwoInputs() {
    Tensor y = Tensor.of(backend, new float[] {2, 3}, 2).variable();
    Tensor out = Recompute.ofAll(in -> in[0].mul(in[0]).mul(in[1]), y, y);
    assertThat(Autograd.grad(out.sum(), y)[0].toFloats()).containsExactly(12, 27);
  }

  @Test
  void blocksNest() {
    Tensor out = Recompute.of(in -> Recompute.of(this::block, block(in)).mul(in), x);
    assertSame(gradients(out), gradients(block(block(x)).mul(x)));
  }

  @Test
  void blocksFollowEachOther() {
    Tensor out = Recompute.of(this::block, Recompute.of(this::block, x).mul(2f));
    assertSame(gradients(out), gradients(block(block(x).mul(2f))));
  }

  @Test
  void worksInsideOfScopes() {
    Tensor[] expected = gradients(block(x.square()));
    try (Scope step = Scope.open()) {
      Tensor out;
      try (Scope layer = Scope.local()) {
        Tensor in = x.square();
        out =
            layer.keep(
                Recompute.of(
                    t -> {
                      try (Scope inner = Scope.local()) {
                        return inner.keep(block(t));
                      }
                    },
                    in));
      }
      assertSame(gradients(out), expected);
    }
  }

  @Test
  void whatIsNotUsedOrHandedThroughHasAGradient() {
    Tensor unused = Recompute.ofAll(in -> in[1].square(), x, first);
    assertThat(Autograd.grad(unused.sum(), x)[0].toFloats()).containsOnly(0f);
    Tensor same = Recompute.of(in -> in, x);
    assertThat(Autograd.grad(same.sum(), x)[0].toFloats()).containsOnly(1f);
    Tensor captured = Recompute.of(in -> first, x);
    assertThat(Autograd.grad(captured.sum(), first)[0].toFloats()).containsOnly(1f);
  }

  @Test
  void nothingIsRecordedWhereNothingIsTracked() {
    AtomicInteger runs = new AtomicInteger();
    UnaryOperator<Tensor> count =
        in -> {
          runs.incrementAndGet();
          return in.square();
        };
    assertThat(Recompute.of(count, x.detached()).isTracked()).isFalse();
    assertThat(Autograd.withoutRecording(() -> Recompute.of(count, x)).isTracked()).isFalse();
    assertThat(runs).hasValue(2);
    Tensor out = Recompute.of(count, x);
    assertThat(out.isTracked()).isTrue();
    assertThat(runs).hasValue(3);
    Autograd.grad(out.sum(), x);
    assertThat(runs).hasValue(4);
  }

  @Test
  void whatTheBlockItselfDoesNotRecordHasNoGradient() {
    UnaryOperator<Tensor> frozen =
        in -> Autograd.withoutRecording(() -> in.matmul(first)).mul(in.matmul(first));
    assertSame(
        Autograd.grad(Recompute.of(frozen, x).sum(), x, first),
        Autograd.grad(frozen.apply(x).sum(), x, first));
  }

  @Test
  void aBlockThatChangesItsMindIsRefused() {
    AtomicInteger runs = new AtomicInteger();
    Tensor out = Recompute.of(in -> in.slice(0, 0, 3 - runs.getAndIncrement()), x);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Autograd.grad(out.sum(), x))
        .withMessageContaining("made [3, 6] at first and [2, 6] when run again");
  }

  @Test
  void parametersThatChangedInBetweenAreRefused() {
    Tensor out = Recompute.of(this::block, x);
    first.storage().markChanged();
    assertThatIllegalStateException()
        .isThrownBy(() -> gradients(out))
        .withMessageContaining("Recompute");
  }

  @Test
  void secondDerivatives() {
    OracleBackend oracle = new OracleBackend();
    Tensor weight = Tensors.random(oracle, 2, 3, 3);
    GradientCheck.check(
        in -> {
          UnaryOperator<Tensor> block = t -> t.matmul(in[1]).mul(t).add(t.matmul(in[1]).mul(t));
          Tensor out = Recompute.of(block, in[0].mul(in[0])).mul(in[0]);
          Tensor[] slopes = Autograd.differentiableGrad(out.mul(out).sum(), in[0], in[1]);
          return slopes[0].mul(slopes[1].sum(0));
        },
        Tensors.random(oracle, 1, 2, 3).variable(),
        weight.variable());
  }

  @Test
  void savesTheMemoryInBetween() {
    long plain = peak(false);
    long recomputed = peak(true);
    // Of what 24 blocks save, one block's share remains, and the inputs of all.
    assertThat(recomputed).isLessThan(plain / 3);
  }

  private static long peak(boolean recompute) {
    Backend own = new PlainBackend(1);
    Tensor in = Tensors.random(own, 1, 64, 64).variable();
    UnaryOperator<Tensor> block = t -> t.square().silu().mul(t).softmax().mul(t).silu();
    try (Scope step = Scope.open()) {
      Tensor h = in;
      for (int i = 0; i < 24; i++) {
        try (Scope layer = Scope.local()) {
          h = layer.keep(recompute ? Recompute.of(block, h) : block.apply(h));
        }
      }
      assertThat(Autograd.grad(h.sum(), in)[0].size()).isEqualTo(64 * 64);
    }
    return own.memory().peak();
  }
}
