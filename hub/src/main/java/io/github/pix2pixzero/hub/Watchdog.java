package io.github.pix2pixzero.hub;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;

/**
 * Closes a stream that has stood still for too long, so that who reads it gets an exception. The
 * time-out of the JDK's client ends with the headers.
 */
final class Watchdog implements AutoCloseable {
  private final Duration limit;
  private final Closeable stream;
  private final Thread thread;
  private volatile long lastSeen = System.nanoTime();
  private volatile boolean hasFired;

  Watchdog(Duration limit, Closeable stream) {
    this.limit = limit;
    this.stream = stream;
    thread = new Thread(this::watch, "hub-watchdog");
    thread.setDaemon(true);
    thread.start();
  }

  /** Something has come. */
  void alive() {
    lastSeen = System.nanoTime();
  }

  /** Whether the stream has been closed. */
  boolean hasFired() {
    return hasFired;
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void watch() {
    try {
      for (long left = left(); left > 0; left = left()) {
        Thread.sleep(Math.max(1, left / 1_000_000));
      }
    } catch (InterruptedException e) { // all has come
      return;
    }
    hasFired = true;
    try {
      stream.close();
    } catch (IOException e) {
      // Who reads has it, too.
    }
  }

  private long left() {
    return limit.toNanos() - (System.nanoTime() - lastSeen);
  }
}
