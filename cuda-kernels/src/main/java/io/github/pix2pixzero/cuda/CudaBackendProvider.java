package io.github.pix2pixzero.cuda;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.BackendProvider;
import java.util.Optional;

/** Announces {@link CudaBackend}, which is taken before any backend of the CPU where it works. */
public final class CudaBackendProvider implements BackendProvider {

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public String device() {
    return "cuda";
  }

  @Override
  public Optional<String> unavailable() {
    return Driver.unavailable();
  }

  @Override
  public int priority() {
    return 100;
  }

  /** The backend; its precision is that named by {@value CudaBackend#PRECISION}. */
  @Override
  public Backend create(int threads) {
    return new CudaBackend(
        Precision.named(System.getProperty(CudaBackend.PRECISION, Precision.FLOAT32.toString())));
  }
}
