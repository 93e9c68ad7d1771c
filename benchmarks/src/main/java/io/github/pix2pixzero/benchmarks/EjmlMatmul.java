package io.github.pix2pixzero.benchmarks;

import org.ejml.concurrency.EjmlConcurrency;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.ejml.dense.row.CommonOps_MT_FDRM;

/** EJML's float32 matrix product. */
final class EjmlMatmul implements Contender {
  private final FMatrixRMaj a;
  private final FMatrixRMaj b;
  private final FMatrixRMaj out;
  private final boolean parallel;

  EjmlMatmul(int m, int k, int n, int threads) {
    EjmlConcurrency.setMaxThreads(threads);
    a = FMatrixRMaj.wrap(m, k, Sizes.normal(m * k, 1));
    b = FMatrixRMaj.wrap(k, n, Sizes.normal(k * n, 2));
    out = new FMatrixRMaj(m, n);
    parallel = threads > 1;
  }

  @Override
  public Object run() {
    if (parallel) {
      CommonOps_MT_FDRM.mult(a, b, out);
    } else {
      CommonOps_FDRM.mult(a, b, out);
    }
    return out;
  }

  @Override
  public float[] result() {
    run();
    return out.data;
  }
}
