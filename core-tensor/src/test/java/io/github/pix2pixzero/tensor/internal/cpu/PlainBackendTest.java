package io.github.pix2pixzero.tensor.internal.cpu;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.testing.BackendContract;

class PlainBackendTest extends BackendContract {
  @Override
  public Backend backend(int threads) {
    return new PlainBackend(threads);
  }
}
