package io.github.pix2pixzero.tensor.testing;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import java.util.stream.Stream;

/** The backends that a model must agree with its reference vectors on. */
public final class TestBackends {
  private TestBackends() {}

  /** Every backend of the CPU, with two threads. */
  public static Stream<Backend> cpu() {
    return Stream.of("plain", "vector").map(name -> Backends.named(name, 2));
  }
}
