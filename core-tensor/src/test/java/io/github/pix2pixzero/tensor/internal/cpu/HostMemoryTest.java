package io.github.pix2pixzero.tensor.internal.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pix2pixzero.tensor.backend.Backends;
import io.github.pix2pixzero.tensor.backend.MemoryUse;
import org.junit.jupiter.api.Test;

class HostMemoryTest {
  private final HostBackend backend = (HostBackend) Backends.named("plain", 1);

  @Test
  void onlyWhatIsNotPooledIsAskedOfTheSystem() {
    backend.allocate(100).release();
    backend.allocate(100).release();
    assertThat(backend.memory()).isEqualTo(new MemoryUse(0, 400, 400, 400));

    HostStorage other = backend.allocate(10);
    assertThat(backend.memory()).isEqualTo(new MemoryUse(40, 400, 440, 440));
    other.release();
    other.release();
    assertThat(backend.memory()).isEqualTo(new MemoryUse(0, 440, 440, 440));
  }

  @Test
  void aCompanionCountsAsLongAsItsStorage() {
    HostStorage weight = backend.allocate(100);
    assertThat(weight.companion(50)).hasSize(50);
    assertThat(backend.memory()).isEqualTo(new MemoryUse(600, 0, 600, 600));

    weight.release();
    assertThat(backend.memory()).isEqualTo(new MemoryUse(0, 400, 600, 600));
    assertThatIllegalStateException().isThrownBy(() -> weight.companion(1));
  }

  @Test
  void whatThereIsNoMemoryForDoesNotCount() {
    HostStorage weight = backend.allocate(10);
    int tooLarge = Integer.MAX_VALUE; // more than an array may have, whatever the heap
    assertThatThrownBy(() -> backend.allocate(tooLarge)).isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() -> weight.companion(tooLarge)).isInstanceOf(OutOfMemoryError.class);
    assertThat(backend.memory()).isEqualTo(new MemoryUse(40, 0, 40, 40));
    weight.release();
    assertThat(backend.memory().live()).isZero();
  }

  @Test
  void whatNobodyReleasedIsForgottenOnceItIsGarbage() throws InterruptedException {
    HostStorage held = backend.allocate(7);
    backend.allocate(1000).companion(1000);
    for (int i = 0; i < 100 && backend.memory().live() > 28; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(backend.memory().live()).isEqualTo(28);
    assertThat(backend.memory().pooled()).isZero();
    assertThat(held.array()).hasSizeGreaterThanOrEqualTo(7);
  }
}
