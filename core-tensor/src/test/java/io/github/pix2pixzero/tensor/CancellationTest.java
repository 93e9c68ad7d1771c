package io.github.pix2pixzero.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class CancellationTest {

  @Test
  void watchesUntilItIsClosed() {
    AtomicBoolean outer = new AtomicBoolean();
    AtomicBoolean inner = new AtomicBoolean();
    try (Cancellation all = Cancellation.watch(outer::get)) {
      try (Cancellation part = Cancellation.watch(inner::get)) {
        assertThatCode(Cancellation::check).doesNotThrowAnyException();
        inner.set(true);
        assertThatThrownBy(Cancellation::check)
            .isInstanceOf(CancellationException.class)
            .hasMessage("cancelled");
      }
      assertThatCode(Cancellation::check).doesNotThrowAnyException();
      inner.set(false);
      outer.set(true);
      try (Cancellation part = Cancellation.watch(inner::get)) {
        assertThatThrownBy(Cancellation::check).isInstanceOf(CancellationException.class);
      }
    }
    assertThatCode(Cancellation::check).doesNotThrowAnyException();
  }

  @Test
  void anInterruptionStaysSet() {
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(Cancellation::check)
          .isInstanceOf(CancellationException.class)
          .hasMessage("interrupted");
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
