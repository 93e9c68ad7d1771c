package io.github.pix2pixzero.benchmarks.ejml;

import io.github.pix2pixzero.benchmarks.MatmulProblem;
import java.util.concurrent.TimeUnit;
import org.ejml.concurrency.EjmlConcurrency;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.ejml.dense.row.CommonOps_MT_FDRM;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** EJML's float32 product of square matrices. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class MatmulBenchmark extends MatmulProblem {
  @Param("2048x2048x2048")
  public String size;

  private FMatrixRMaj left;
  private FMatrixRMaj right;
  private FMatrixRMaj product;

  @Setup
  public void wrap() {
    draw();
    EjmlConcurrency.setMaxThreads(threads);
    left = FMatrixRMaj.wrap(m, k, a);
    right = FMatrixRMaj.wrap(k, n, b);
    product = new FMatrixRMaj(m, n);
    checkAgreement(multiply().data);
  }

  @Benchmark
  public FMatrixRMaj multiply() {
    if (threads == 1) {
      CommonOps_FDRM.mult(left, right, product);
    } else {
      CommonOps_MT_FDRM.mult(left, right, product);
    }
    return product;
  }

  @Override
  protected String size() {
    return size;
  }
}
