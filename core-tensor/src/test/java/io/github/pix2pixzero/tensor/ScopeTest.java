package io.github.pix2pixzero.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.internal.cpu.PlainBackend;
import io.github.pix2pixzero.tensor.ops.LayerNorm;
import io.github.pix2pixzero.tensor.testing.Tensors;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScopeTest {
  private final Backend backend = new PlainBackend(1);

  @AfterEach
  void noScopeIsLeftOpen() {
    assertThat(Scope.current()).isNull();
  }

  private Tensor ones() {
    return Tensor.full(backend, Shape.of(4), 1f);
  }

  private static void assertGone(Tensor tensor) {
    assertThatThrownBy(tensor::toFloats)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("used after its scope closed; see Scope.keep");
  }

  private static void assertAlive(Tensor tensor) {
    assertThat(tensor.toFloats()).containsOnly(1f);
  }

  @Test
  void closingEndsTheLifeOfWhatWasMade() {
    Tensor before = ones();
    Tensor inside;
    try (Scope scope = Scope.open()) {
      inside = ones();
      assertAlive(inside);
      assertThat(Scope.current()).isSameAs(scope);
    }
    assertGone(inside);
    assertThatThrownBy(() -> inside.add(before)).isInstanceOf(IllegalStateException.class);
    assertAlive(before);
  }

  @Test
  void keepMovesToTheEnclosingScope() {
    Tensor kept;
    Tensor keptTwice;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.open()) {
        kept = inner.keep(ones());
        keptTwice = outer.keep(inner.keep(ones()));
      }
      assertAlive(kept);
      assertAlive(keptTwice);
    }
    assertGone(kept);
    assertAlive(keptTwice);
  }

  @Test
  void keepingAViewKeepsItsElements() {
    Tensor kept;
    try (Scope scope = Scope.open()) {
      kept = scope.keep(ones().reshape(2, 2).variable());
    }
    assertAlive(kept);
  }

  @Test
  void keepingWhatLivesLongerChangesNothing() {
    Tensor outside = ones();
    Tensor ofOuter;
    try (Scope outer = Scope.open()) {
      ofOuter = ones();
      try (Scope inner = Scope.open()) {
        inner.keep(outside);
        inner.keep(ofOuter);
      }
      assertAlive(ofOuter);
    }
    assertAlive(outside);
    assertGone(ofOuter);
  }

  @Test
  void adoptTakesFromAnyScopeFurtherIn() {
    Tensor adopted;
    Tensor own;
    try (Scope edit = Scope.open()) {
      try (Scope step = Scope.open()) {
        try (Scope block = Scope.local()) {
          adopted = edit.adopt(ones());
          own = block.adopt(ones());
        }
        assertGone(own);
        assertAlive(adopted);
      }
      assertAlive(adopted);
    }
    assertGone(adopted);
  }

  @Test
  void detachTakesOutOfAllScopes() {
    Tensor detached;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.open()) {
        detached = Scope.outlive(ones());
      }
    }
    assertAlive(detached);
  }

  @Test
  void aLocalScopeLeavesWhatAGraphHasSaved() {
    Tensor gradient;
    Tensor temporary;
    Tensor saved;
    try (Scope step = Scope.open()) {
      Tensor x = Tensor.of(backend, new float[] {1, 2, 3}, 3).variable();
      Tensor loss;
      try (Scope block = Scope.local()) {
        try (Scope inner = Scope.local()) {
          saved = x.square();
          temporary = saved.add(1f);
          loss = block.keep(inner.keep(saved.mul(saved).sum()));
        }
      }
      assertGone(temporary);
      assertThat(saved.toFloats()).containsExactly(1, 4, 9);
      gradient = Scope.outlive(Autograd.grad(loss, x)[0]);
    }
    assertGone(saved);
    assertThat(gradient.toFloats()).containsExactly(4, 32, 108);
  }

  @Test
  void aLocalScopeGivesEverythingBackWhereNothingIsRecorded() {
    Tensor made;
    try (Scope step = Scope.open()) {
      try (Scope block = Scope.local()) {
        made = ones().square();
      }
      assertGone(made);
    }
  }

  @Test
  void anOpenScopeEndsGraphsMadeInIt() {
    Tensor x = ones().variable();
    Tensor loss;
    try (Scope step = Scope.open()) {
      loss = step.keep(x.square().square().sum());
    }
    assertThatThrownBy(() -> Autograd.grad(loss, x)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void secondDerivativesSurviveTheTemporariesOfTheFirst() {
    try (Scope step = Scope.open()) {
      Tensor x = Tensor.of(backend, new float[] {1, 2}, 2).variable();
      Tensor gradient = Autograd.differentiableGrad(x.mul(x).mul(x).div(x.add(1f)).sum(), x)[0];
      Tensor second = Autograd.grad(gradient.sum(), x)[0];
      Tensors.assertClose(second, new float[] {2 - 2 / 8f, 2 - 2 / 27f}, 1e-5);
    }
  }

  @Test
  void secondDerivativesOfKernelsAreTheSameInScopes() {
    Tensor x = Tensors.random(backend, 1, 3, 8).variable();
    Tensor weight = Tensors.random(backend, 2, 8, 8).variable();
    Tensor[] outside = penalty(x, weight);
    try (Scope step = Scope.open();
        Scope block = Scope.local()) {
      Tensor[] inside = penalty(x, weight);
      for (int i = 0; i < outside.length; i++) {
        assertThat(inside[i].toFloats()).isEqualTo(outside[i].toFloats());
      }
    }
  }

  /** The gradients of a gradient penalty. */
  private Tensor[] penalty(Tensor x, Tensor weight) {
    Tensor hidden;
    try (Scope block = Scope.local()) {
      Tensor gamma = Tensor.full(backend, Shape.of(8), 1.5f);
      Tensor normal = LayerNorm.of(x.matmul(weight).silu(), gamma, gamma, 1e-5f);
      hidden = block.keep(normal.softmax().add(x.leakyRelu(0.2f)).gelu());
    }
    Tensor gradient = Autograd.differentiableGrad(hidden.square().mean(), x)[0];
    return Autograd.grad(gradient.square().sum(), x, weight);
  }

  @Test
  void scopesCloseInReverseOrder() {
    Scope outer = Scope.open();
    Scope inner = Scope.open();
    assertThatThrownBy(outer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("reverse order");
    inner.close();
    inner.close();
    outer.close();
  }

  @Test
  void scopesBelongToTheirThread() {
    try (Scope scope = Scope.open()) {
      CompletableFuture<Void> elsewhere =
          CompletableFuture.runAsync(
              () -> {
                assertThat(Scope.current()).isNull();
                assertThatThrownBy(scope::close).isInstanceOf(IllegalStateException.class);
              });
      elsewhere.join();
    }
  }

  @Test
  void anIdenticalStepTakesNoNewMemory() {
    Tensor x = Tensors.random(backend, 1, 16, 8);
    Tensor weight = Tensors.random(backend, 2, 8, 8);
    step(x, weight);
    long live = backend.memory().live();
    long peak = backend.memory().peak();
    for (int i = 0; i < 3; i++) {
      step(x, weight);
      assertThat(backend.memory().live()).isEqualTo(live);
      assertThat(backend.memory().peak()).isEqualTo(peak);
    }
  }

  private static void step(Tensor x, Tensor weight) {
    try (Scope step = Scope.open()) {
      Tensor latent = x.variable();
      Tensor hidden;
      try (Scope block = Scope.local()) {
        hidden = block.keep(latent.matmul(weight).silu().softmax().add(latent));
      }
      Tensor gradient = Autograd.grad(hidden.square().mean(), latent)[0];
      assertThat(gradient.size()).isEqualTo(x.size());
    }
  }
}
