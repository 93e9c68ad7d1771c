package io.github.pix2pixzero.benchmarks;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.backend.Backends;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A product [m, k] · [k, n] that every contender computes on the same numbers. */
@State(Scope.Benchmark)
public abstract class MatmulProblem {
  @Param({"1", "2"})
  public int threads;

  protected int m;
  protected int k;
  protected int n;
  protected float[] a;
  protected float[] b;

  /**
   * Fills the operands. JMH does not promise to set up a superclass first, so subclasses call it.
   */
  protected void draw() {
    int[] extents = Sizes.parse(size(), 3);
    m = extents[0];
    k = extents[1];
    n = extents[2];
    a = Sizes.normal(m * k, 1);
    b = Sizes.normal(k * n, 2);
  }

  /** Compares a peer's product with ours. */
  protected void checkAgreement(float[] theirs) {
    Backend backend = Backends.best(threads);
    Tensor ours = Tensor.of(backend, a, m, k).matmul(Tensor.of(backend, b, k, n));
    Agreement.check("product " + size(), ours.toFloats(), theirs);
  }

  /** m, k and n, such as {@code 4096x320x2560}. */
  protected abstract String size();

  /** The sizes that models need. */
  public abstract static class Layers extends MatmulProblem {
    /** Square, layers of Stable Diffusion at 512 × 512, layers of the toy model. */
    @Param({
      "2048x2048x2048",
      "4096x320x320",
      "4096x320x2560",
      "1024x640x5120",
      "77x768x320",
      "256x64x512",
      "256x192x192",
      "64x128x512"
    })
    public String size;

    @Override
    protected String size() {
      return size;
    }
  }
}
