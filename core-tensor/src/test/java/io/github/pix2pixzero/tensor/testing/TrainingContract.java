package io.github.pix2pixzero.tensor.testing;

import static io.github.pix2pixzero.tensor.testing.KernelContract.arrays;
import static io.github.pix2pixzero.tensor.testing.Tensors.random;

import io.github.pix2pixzero.tensor.backend.AdamSpec;
import org.junit.jupiter.api.Test;

/** What optimisers do in place. */
interface TrainingContract extends KernelContract {
  double TOLERANCE = 2e-6;
  int[] SIZES = {1, 7, 8, 9, 15, 16, 17, 31, 33, 1009, 20011};

  @Test
  default void axpby() {
    for (int size : SIZES) {
      for (float beta : new float[] {0, 1, -0.7f}) {
        check(
            "axpby of %s, beta %s".formatted(size, beta),
            TOLERANCE,
            (backend, in, out) -> backend.axpby(size, 0.3f, in[0], beta, out[0]),
            arrays(random(1, size)),
            arrays(random(2, size)));
      }
    }
  }

  @Test
  default void adam() {
    for (int size : SIZES) {
      for (float decay : new float[] {0, 0.1f}) {
        AdamSpec spec = new AdamSpec(size, decay, 1 - decay, 0.1f, 0.01f, 0.02f, 3, 1e-3f);
        check(
            spec.toString(),
            TOLERANCE,
            (backend, in, out) -> backend.adam(spec, in[0], out[0], out[1], out[2]),
            arrays(random(1, size)),
            arrays(random(2, size), random(3, size), random(4, size, 0, 1)));
      }
    }
  }
}
