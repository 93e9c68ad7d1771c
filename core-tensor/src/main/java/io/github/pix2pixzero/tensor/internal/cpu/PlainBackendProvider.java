package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.BackendProvider;
import java.util.Optional;

/** Announces {@link PlainBackend}, which works everywhere. */
public final class PlainBackendProvider implements BackendProvider {

  @Override
  public String name() {
    return "plain";
  }

  @Override
  public Optional<String> unavailable() {
    return Optional.empty();
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Backend create(int threads) {
    return new PlainBackend(threads);
  }
}
