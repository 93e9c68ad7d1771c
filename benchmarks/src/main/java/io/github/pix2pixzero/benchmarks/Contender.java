package io.github.pix2pixzero.benchmarks;

/** One library's way of doing a {@link Kernel}, its operands in place. */
public interface Contender {

  /** Computes once; the result may be gone when this returns. */
  Object run();

  /** Computes once: all results one after another, row-major and in our layouts. */
  float[] result();
}
