package io.github.pix2pixzero.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;

/**
 * Asks again where that may help: where the connection broke or the server had a fault of its own,
 * but not where it has said no.
 *
 * @param pause between two attempts
 */
record Patience(Duration pause) {
  private static final int MAX_ATTEMPTS = 3;

  <T> T ask(Question<T> question) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return question.ask();
      } catch (HubException | InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        if (attempt == MAX_ATTEMPTS) {
          throw e;
        }
        rest();
      }
    }
  }

  void rest() throws InterruptedIOException {
    sleep(pause.toMillis());
  }

  /** Sleeps; an interrupt is an error of input, as everywhere in {@code java.io}. */
  static void sleep(long millis) throws InterruptedIOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  interface Question<T> {
    T ask() throws IOException;
  }
}
