package io.github.pix2pixzero.server.internal.http;

import java.util.concurrent.atomic.AtomicLong;

/** How much all requests together may hold, so that many large ones do not fill the memory. */
final class UploadBudget {
  private final AtomicLong left;

  UploadBudget(long bytes) {
    left = new AtomicLong(bytes);
  }

  Share open() {
    return new Share();
  }

  /** What one request holds, until it is answered. */
  final class Share implements AutoCloseable {
    private long taken;

    /**
     * @throws Refusal 503 if others hold all there is
     */
    void take(long bytes) {
      taken += bytes;
      if (left.addAndGet(-bytes) < 0) {
        throw new Refusal(503, "too much is being sent at once; try again later")
            .with("Retry-After", "2")
            .with("Connection", "close");
      }
    }

    @Override
    public void close() {
      left.addAndGet(taken);
      taken = 0;
    }
  }
}
