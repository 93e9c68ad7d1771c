package io.github.pix2pixzero.tensor.internal.vector;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.testing.ConstantContract;

/** Constants of a model whose weights are converted at every use. */
class LargeModelTest implements ConstantContract {
  @Override
  public Backend backend(int threads) {
    return new VectorBackend(threads, 0);
  }
}
