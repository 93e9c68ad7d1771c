package io.github.pix2pixzero.tensor.internal.vector;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.BackendProvider;
import java.util.Optional;

/** Announces {@link VectorBackend} where the Java runtime has the Vector API and compiles it. */
public final class VectorBackendProvider implements BackendProvider {
  private static final String MODULE = "jdk.incubator.vector";

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public Optional<String> unavailable() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return Optional.of(
          "the Vector API is missing; start Java with --add-modules "
              + MODULE
              + ", or matrix products take several times as long");
    }
    return RunningJvm.get()
        .withoutC2()
        .map(reason -> "the Vector API would be slower than plain loops: " + reason);
  }

  @Override
  public int priority() {
    return 10;
  }

  @Override
  public Backend create(int threads) {
    return new VectorBackend(threads);
  }
}
