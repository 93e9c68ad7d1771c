package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;
import io.github.pix2pixzero.tensor.backend.Backend;
import io.github.pix2pixzero.tensor.ops.FirResample;

/** The filter against aliasing of StyleGAN2, [1, 3, 3, 1] in both directions, made on first use. */
final class Blur {
  private volatile Tensor filter;

  /** [4, 4] with a sum of 1. */
  Tensor filter(Backend backend) {
    if (filter == null) {
      filter = Constants.keep(FirResample.filter(backend, 1, 3, 3, 1));
    }
    return filter;
  }

  /** A picture at twice the size. */
  Tensor up(Tensor x) {
    return FirResample.up(x, filter(x.backend()), 2);
  }
}
