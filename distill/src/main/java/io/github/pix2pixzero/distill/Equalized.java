package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Tensor;

/**
 * A weight that is multiplied whenever it is used, so that all are trained at the same rate (Karras
 * et al., 2018). Where it is constant, it is multiplied once.
 */
final class Equalized {
  private final Tensor stored;
  private final float factor;
  private final Tensor constant;

  Equalized(Tensor stored, double factor) {
    this.stored = stored;
    this.factor = (float) factor;
    constant =
        stored.storage().isConstant() && this.factor != 1
            ? Constants.keep(stored.mul(this.factor))
            : null;
  }

  /** As it is used. */
  Tensor used() {
    return constant != null ? constant : factor == 1 ? stored : stored.mul(factor);
  }
}
