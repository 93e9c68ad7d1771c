package io.github.pix2pixzero.tensor.testing;

import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Storage;
import java.util.Arrays;

/** Elements of the {@link OracleBackend}: a fresh array of doubles, NaN until written. */
final class OracleStorage extends Storage {
  private final double[] elements;

  OracleStorage(Backend backend, int size) {
    super(backend, size);
    elements = new double[size];
    Arrays.fill(elements, Double.NaN);
  }

  double[] elements() {
    checkLive();
    return elements;
  }

  @Override
  public int elementBytes() {
    return Double.BYTES;
  }

  @Override
  protected void reclaim() {
    Arrays.fill(elements, Double.NaN);
  }
}
