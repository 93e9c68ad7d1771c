package io.github.pix2pixzero.tensor;

import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Whether a thread's work is still wanted. Every network asks before each of its passes, so that
 * work of many passes ends between two of them, whoever runs it:
 *
 * <pre>{@code
 * try (Cancellation watch = Cancellation.watch(token::isCancelled)) {
 *   ... // a CancellationException here as soon as the token is cancelled
 * }
 * }</pre>
 *
 * <p>An interruption of the thread ends its work too.
 */
public final class Cancellation implements AutoCloseable {
  private static final ThreadLocal<Cancellation> INNERMOST = new ThreadLocal<>();

  private final Cancellation outer = INNERMOST.get();
  private final BooleanSupplier cancelled;

  private Cancellation(BooleanSupplier cancelled) {
    this.cancelled = cancelled;
    INNERMOST.set(this);
  }

  /**
   * From here on, until what is returned is closed, the work of this thread ends when a condition
   * holds; what was watched before still counts.
   *
   * @param cancelled asked on this thread, before every pass through a network
   */
  public static Cancellation watch(BooleanSupplier cancelled) {
    return new Cancellation(cancelled);
  }

  /**
   * Ends this thread's work if it is no longer wanted.
   *
   * @throws CancellationException if so; an interruption stays set
   */
  public static void check() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("interrupted");
    }
    for (Cancellation c = INNERMOST.get(); c != null; c = c.outer) {
      if (c.cancelled.getAsBoolean()) {
        throw new CancellationException("cancelled");
      }
    }
  }

  /** Watches no longer. */
  @Override
  public void close() {
    if (outer == null) {
      INNERMOST.remove();
    } else {
      INNERMOST.set(outer);
    }
  }
}
