package io.github.pix2pixzero.distill;

import io.github.pix2pixzero.tensor.Scope;
import io.github.pix2pixzero.tensor.Tensor;

/** What is made of constant weights once and kept as long as they are. */
final class Constants {
  private Constants() {}

  /** The same tensor, constant itself and beyond every scope. */
  static Tensor keep(Tensor made) {
    Tensor kept = Scope.outlive(made);
    kept.storage().freeze();
    return kept;
  }
}
