package io.github.pix2pixzero.tensor.backend.vector;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.testing.BackendContract;

class VectorBackendTest extends BackendContract {
  @Override
  public Backend backend(int threads) {
    return new VectorBackend(threads);
  }
}
