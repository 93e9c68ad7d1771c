package io.github.pix2pixzero.tensor.backend;

import java.util.Optional;

/** Announces a backend to {@link Backends}; found by {@link java.util.ServiceLoader}. */
public interface BackendProvider {

  /** The name a user chooses the backend by. */
  String name();

  /** Where it computes, {@code cpu} or the name of another kind of device. */
  default String device() {
    return "cpu";
  }

  /** Why the backend cannot be used here, in one line; empty if it can. Must not throw. */
  Optional<String> unavailable();

  /** Where several backends are available, the one of the highest priority is taken. */
  int priority();

  /**
   * Makes the backend. Called only if it is available.
   *
   * @param threads threads of the CPU it may use, at least 1
   */
  Backend create(int threads);
}
