package io.github.pix2pixzero.tensor.backend.vector;

import io.github.pix2pixzero.tensor.backend.MatmulSpec;
import io.github.pix2pixzero.tensor.backend.Storage;
import io.github.pix2pixzero.tensor.backend.cpu.HostStorage;
import io.github.pix2pixzero.tensor.backend.cpu.PlainBackend;

/**
 * The backend for the CPU that uses its vector instructions, through the incubating {@code
 * jdk.incubator.vector}; a JVM needs {@code --add-modules jdk.incubator.vector} to load this class.
 */
public final class VectorBackend extends PlainBackend {
  private final MatmulKernels matmul = new MatmulKernels(this, workers());

  /** A backend whose kernels run on {@code threads} threads, the caller's included. */
  public VectorBackend(int threads) {
    super(threads);
  }

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public void matmul(MatmulSpec spec, Storage a, Storage b, Storage bias, Storage out) {
    matmul.matmul(spec, array(a), (HostStorage) b, array(bias), array(out));
  }
}
