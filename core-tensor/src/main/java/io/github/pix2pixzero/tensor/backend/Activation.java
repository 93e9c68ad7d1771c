package io.github.pix2pixzero.tensor.backend;

import java.util.Optional;

/** The function a normalisation or matrix product may apply to its result before writing it. */
public enum Activation {
  NONE(null),
  SILU(Unary.SILU),
  GELU(Unary.GELU),
  QUICK_GELU(Unary.QUICK_GELU);

  private final Unary function;

  Activation(Unary function) {
    this.function = function;
  }

  /** The elementwise function, empty for {@link #NONE}. */
  public Optional<Unary> function() {
    return Optional.ofNullable(function);
  }
}
